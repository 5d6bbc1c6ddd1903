// Security keys and passkeys on the sign-in, step-up and security pages. Without this script, or in a
// browser that has no WebAuthn, its buttons stay hidden and every other way in works.
import {senderKey} from './sender_key.js';
import {call, inWords, say, toBytes, toText} from './wire.js';

const descriptor = ({type, id, transports}) =>
    ({type, id: toBytes(id), ...transports && {transports: transports.split(',')}});

async function assert(options, mediation, signal) {
    const {response, rawId} = await navigator.credentials.get({
        mediation, signal,
        publicKey: {
            ...options, challenge: toBytes(options.challenge), allowCredentials: options.allowCredentials.map(descriptor),
        },
    });
    return {
        credential_id: toText(rawId),
        client_data_json: toText(response.clientDataJSON),
        authenticator_data: toText(response.authenticatorData),
        signature: toText(response.signature),
        user_handle: response.userHandle ? toText(response.userHandle) : '',
    };
}

async function create(options) {
    const {response, rawId} = await navigator.credentials.create({
        publicKey: {
            ...options, challenge: toBytes(options.challenge),
            user: {...options.user, id: toBytes(options.user.id)},
            excludeCredentials: options.excludeCredentials.map(descriptor),
        },
    });
    return {
        credential_id: toText(rawId),
        client_data_json: toText(response.clientDataJSON),
        attestation_object: toText(response.attestationObject),
        transports: (response.getTransports?.() ?? []).join(','),
    };
}

function tell(form, error) {
    const status = form.querySelector('[role=status]');
    // What the browser itself has already told the person about.
    const quiet = error.name === 'AbortError';
    status.textContent = quiet ? '' : error.name === 'NotAllowedError'
        ? say('The key was not used. Try again, or take another way below.',
            'Der Schlüssel wurde nicht benutzt. Versuchen Sie es noch einmal, oder nehmen Sie einen anderen Weg.')
        : inWords(error);
}

// <form data-key="…" action="…">: its action gives the options (GET, or POST where making them is on
// record) and takes the answer (POST).
const ceremonies = {
    async assertion(form, {mediation, signal} = {}) {
        const answer = await assert(await call('GET', form.action), mediation, signal);
        const {next, csrf} = form.elements;
        await call(
            'POST', form.action, {...answer, next: next?.value ?? '', sender_key: await senderKey}, csrf?.value);
        location.assign(next?.value || '/');
    },
    async registration(form) {
        const {csrf, label} = form.elements;
        const options = await call('POST', `${form.action}/options`, {}, csrf.value);
        await call('POST', form.action, {...await create(options), label: label.value}, csrf.value);
        location.reload();
    },
    // What comes of it is a page: the codes that are shown once.
    async enrolment(form) {
        const options = await call('POST', `${form.action}/options`, {});
        await senderKey;
        for (const [name, value] of Object.entries(await create(options))) {
            const field = document.createElement('input');
            field.type = 'hidden';
            Object.assign(field, {name, value});
            form.append(field);
        }
        form.submit();
    },
};

if (window.PublicKeyCredential) {
    const waiting = new AbortController();
    let waited = Promise.resolve();
    for (const form of document.querySelectorAll('form[data-key]')) {
        form.hidden = false;
        form.addEventListener('submit', async (event) => {
            event.preventDefault();
            form.querySelector('[role=status]').textContent = '';
            // A browser carries out one ceremony at a time: the one that waits has to be over.
            waiting.abort();
            await waited;
            try {
                await ceremonies[form.dataset.key](form);
            } catch (error) {
                tell(form, error);
            }
        });
    }
    // A passkey may be offered where the name is typed.
    const named = document.querySelector('form[data-key=assertion][data-conditional]');
    const canWait = PublicKeyCredential.isConditionalMediationAvailable?.();
    if (named && canWait) {
        waited = canWait.then(async (possible) => {
            if (!possible || waiting.signal.aborted) return;
            await ceremonies.assertion(named, {mediation: 'conditional', signal: waiting.signal});
        }).catch((error) => tell(named, error));
    }
}
