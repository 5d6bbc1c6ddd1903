// A phone's pages. The key is made here, can't be read out of the browser, and signs what is typed.
import {makeKey, openPlace, sign} from './browser_keys.js';
import {call, inWords, say, toBytes} from './wire.js';

const status = document.getElementById('status');

// One key: {id, key}.
const place = openPlace('sallyport-phone');
const keep = (kept) => place('readwrite', (store) => store.put(kept, 'own'));
const kept = () => place('readonly', (store) => store.get('own'));

async function enrol(form) {
    const {csrf, label} = form.elements;
    const begun = await call('POST', form.action, {label: label.value}, csrf.value);
    const {privateKey, publicText} = await makeKey();
    await call('POST', `/api/self/authenticators/${begun.id}/prove`, {
        public_key: publicText,
        signature: await sign(
            privateKey, 'sallyport push enrolment v1', begun.id, toBytes(begun.challenge), location.origin),
        training_read: begun.training_version,
    }, csrf.value);
    await keep({id: begun.id, key: privateKey});
    location.assign('/phone/question');
}

const pause = (ms) => new Promise((good) => { setTimeout(good, ms); });
let shown = null;
let answered = '';  // what the last answer came to, until there is another question

function show(prompt) {
    const section = document.getElementById('question');
    shown = prompt;
    section.hidden = !prompt;
    if (!prompt) return;
    answered = '';
    status.textContent = '';
    section.querySelector('form').reset();
    for (const name of ['application', 'place', 'time']) {
        document.getElementById(name).textContent = prompt[name];
    }
}

async function answer(decision, number) {
    const {attempt} = shown;
    const {key} = await kept();
    show(null);
    const signature = await sign(key, 'sallyport push answer v1', attempt, decision, number, location.origin);
    await call('POST', '/api/phone/answer', {attempt, decision, number, signature});
    answered = {
        approve: say('Sent. Go on at the sign-in page.', 'Gesendet. Weiter geht es auf der Anmeldeseite.'),
        deny: say('That sign-in was ended.', 'Diese Anmeldung wurde beendet.'),
        report: say('That sign-in was ended and reported. Change your passphrase now.',
            'Diese Anmeldung wurde beendet und gemeldet. Ändern Sie jetzt Ihre Passphrase.'),
    }[decision];
    status.textContent = answered;
}

// Our pages trust one address of a script made here, and no other (Trusted Types).
async function registerWorker() {
    const path = '/phone/worker.js';
    const policy = window.trustedTypes?.createPolicy('phone-worker', {createScriptURL: () => path});
    return navigator.serviceWorker.register(policy?.createScriptURL('') ?? path, {scope: '/phone/'});
}

// Messages wake the phone where the hospital allows a push service.
async function offerWaking(registration) {
    const button = document.getElementById('wake');
    if (!button || !registration.pushManager || !await kept()) return;
    // The browser's subscription outlives the phone that it was made for, and a call that failed.
    const send = (made) => call('POST', '/api/phone/address', {subscription: made.toJSON()});
    const made = await registration.pushManager.getSubscription();
    if (made) {
        // A suspended phone is told nothing; once it is resumed, the button sends the address again.
        const {wakes} = await call('GET', '/api/phone/question').catch(() => ({wakes: false}));
        if (wakes || await send(made).then(() => true, () => false)) return;
    }
    button.hidden = false;
    button.addEventListener('click', async () => {
        try {
            const subscription = await registration.pushManager.subscribe({
                userVisibleOnly: true, applicationServerKey: toBytes(button.dataset.key),
            });
            await send(subscription);
            button.hidden = true;
            status.textContent = say('Messages will wake this phone.', 'Nachrichten wecken dieses Smartphone.');
        } catch (error) {
            status.textContent = inWords(error);
        }
    });
}

async function wait() {
    if (!await kept()) {
        status.textContent = say(
            'This browser is no phone of an account. Sign in here and add it under Your security.',
            'Dieser Browser ist kein Smartphone eines Kontos. Melden Sie sich hier an und fügen Sie es unter Ihre Sicherheit hinzu.');
        return;
    }
    const waiting = status.textContent;
    for (let wasRefused = false;;) {
        try {
            const {prompt} = await call('GET', `/api/phone/question${wasRefused ? '' : '?wait=1'}`);
            if (wasRefused) status.textContent = waiting;
            wasRefused = false;
            if (prompt?.attempt !== shown?.attempt) show(prompt);
            if (prompt) await pause(1000);
        } catch (error) {
            show(null);
            // The answer that suspended this phone is told first.
            status.textContent = answered ? `${answered} ${inWords(error)}` : inWords(error);
            wasRefused = true;
            // A suspended phone may be resumed while this page is open.
            await pause(error.reason === 'push.phone_unknown' ? 15000 : 5000);
        }
    }
}

const enrolment = document.querySelector('form[data-phone]');
const question = document.getElementById('question');
if (enrolment && window.indexedDB && crypto.subtle) {
    enrolment.hidden = false;
    enrolment.addEventListener('submit', async (event) => {
        event.preventDefault();
        try {
            await enrol(enrolment);
        } catch (error) {
            status.textContent = inWords(error);
        }
    });
}
if (question) {
    question.querySelector('form').addEventListener('submit', async (event) => {
        event.preventDefault();
        const decision = event.submitter?.value ?? 'approve';
        const number = decision === 'approve' ? event.target.elements.number.value : '';
        try {
            await answer(decision, number);
        } catch (error) {
            status.textContent = inWords(error);
        }
    });
    registerWorker().then(offerWaking).catch(() => {});  // without it, this page stays open
    wait();
}
