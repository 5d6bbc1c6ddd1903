// A phone's pages. The key is made here, can't be read out of the browser, and signs what is typed.
'use strict';

const toBytes = (text) => Uint8Array.from(
    atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const curve = {name: 'ECDSA', namedCurve: 'P-256'};
const status = document.getElementById('status');

async function call(method, path, body, csrf) {
    const headers = {accept: 'application/json'};
    if (body) headers['content-type'] = 'application/json';
    if (csrf) headers['x-sallyport-csrf'] = csrf;
    const answer = await fetch(path, {method, headers, body: body && JSON.stringify(body)});
    const json = await answer.json();
    if (answer.ok) return json;
    throw Object.assign(new Error(`${json.title ?? 'That did not work.'} ${json.detail ?? ''}`), {reason: json.reason});
}

// One place for the key: {id, key}.
function place(mode, work) {
    return new Promise((good, bad) => {
        const opening = indexedDB.open('sallyport-phone', 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore('key');
        opening.onerror = () => bad(opening.error);
        opening.onsuccess = () => {
            const transaction = opening.result.transaction('key', mode);
            const request = work(transaction.objectStore('key'));
            transaction.oncomplete = () => { opening.result.close(); good(request.result); };
            transaction.onerror = () => bad(transaction.error);
        };
    });
}
const keep = (kept) => place('readwrite', (store) => store.put(kept, 'own'));
const kept = () => place('readonly', (store) => store.get('own'));

// Each part with its size in front, the first saying what for.
function message(...parts) {
    const pieces = parts.map((part) => typeof part === 'string' ? new TextEncoder().encode(part) : part);
    const out = new Uint8Array(pieces.reduce((size, piece) => size + 4 + piece.length, 0));
    const view = new DataView(out.buffer);
    let at = 0;
    for (const piece of pieces) {
        view.setUint32(at, piece.length);
        out.set(piece, at + 4);
        at += 4 + piece.length;
    }
    return out;
}
const sign = async (key, bytes) => toText(await crypto.subtle.sign({...curve, hash: 'SHA-256'}, key, bytes));

async function enrol(form) {
    const {csrf, label} = form.elements;
    const begun = await call('POST', form.action, {label: label.value}, csrf.value);
    const pair = await crypto.subtle.generateKey(curve, false, ['sign', 'verify']);
    const asked = message('sallyport push enrolment v1', begun.id, toBytes(begun.challenge), location.origin);
    await call('POST', `/api/self/authenticators/${begun.id}/prove`, {
        public_key: toText(await crypto.subtle.exportKey('spki', pair.publicKey)),
        signature: await sign(pair.privateKey, asked),
        training_read: begun.training_version,
    }, csrf.value);
    await keep({id: begun.id, key: pair.privateKey});
    location.assign('/phone/question');
}

const pause = (ms) => new Promise((good) => { setTimeout(good, ms); });
let shown = null;

function show(prompt) {
    const section = document.getElementById('question');
    shown = prompt;
    section.hidden = !prompt;
    if (!prompt) return;
    status.textContent = '';
    section.querySelector('form').reset();
    for (const name of ['application', 'place', 'time']) {
        document.getElementById(name).textContent = prompt[name];
    }
}

async function answer(decision, number) {
    const {attempt} = shown;
    const {key} = await kept();
    const said = message('sallyport push answer v1', attempt, decision, number, location.origin);
    show(null);
    await call('POST', '/api/phone/answer', {attempt, decision, number, signature: await sign(key, said)});
    status.textContent = decision === 'approve' ? 'Sent. Go on at the sign-in page.'
        : decision === 'deny' ? 'That sign-in was ended.'
            : 'That sign-in was ended and reported. Change your passphrase now.';
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
    if (await registration.pushManager.getSubscription()) return;
    button.hidden = false;
    button.addEventListener('click', async () => {
        try {
            const subscription = await registration.pushManager.subscribe({
                userVisibleOnly: true, applicationServerKey: toBytes(button.dataset.key),
            });
            await call('POST', '/api/phone/address', {subscription: subscription.toJSON()});
            button.hidden = true;
            status.textContent = 'Messages will wake this phone.';
        } catch (error) {
            status.textContent = error.message;
        }
    });
}

async function wait() {
    if (!await kept()) {
        status.textContent = 'This browser is no phone of an account. Sign in here and add it under Your security.';
        return;
    }
    for (;;) {
        try {
            const {prompt} = await call('GET', '/api/phone/question?wait=1');
            if (prompt?.attempt !== shown?.attempt) show(prompt);
            if (prompt) await pause(1000);
        } catch (error) {
            show(null);
            status.textContent = error.message;
            if (error.reason === 'push.phone_unknown') return;
            await pause(5000);
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
            status.textContent = error.message;
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
            status.textContent = error.message;
        }
    });
    registerWorker().then(offerWaking).catch(() => {});  // without it, this page stays open
    wait();
}
