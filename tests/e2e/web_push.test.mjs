// Web Push against a push service of our own: what arrives there is decrypted with the phone's private
// key, and the sender is verified, by Node's crypto alone.
import {after, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {createDecipheriv, createECDH, createHmac, createPublicKey, randomBytes, verify, webcrypto} from 'node:crypto';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {createServer} from 'node:https';
import {once} from 'node:events';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {House} from './house.mjs';

let house;
let people;
let service;
let folder;
let port;
let status = 201;
const received = [];
const phone = {};

before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-push-'));
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
        '-keyout', key, '-out', certificate, '-days', '2', '-subj', '/CN=localhost',
        '-addext', 'subjectAltName=DNS:localhost'], {stdio: 'pipe'});
    service = createServer({key: readFileSync(key), cert: readFileSync(certificate)}, async (request, answer) => {
        const pieces = [];
        for await (const piece of request) pieces.push(piece);
        received.push({method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(pieces)});
        answer.writeHead(status, {location: `https://localhost:${port}/elsewhere`}).end();
    });
    service.listen(0, '127.0.0.1');
    await once(service, 'listening');
    ({port} = service.address());
    house = await House.open({
        configure: (text) => `${text}\n[push]\nhosts = ["localhost:${port}"]\n`
            + `contact = "mailto:it@hospital.example"\nca_file = "${certificate}"\n`,
    });
    people = await house.people();
});

after(async () => {
    await house?.close();
    service?.closeAllConnections();
    service?.close();
    rmSync(folder, {recursive: true, force: true});
});

// Each part with its size in front.
function message(...parts) {
    return Buffer.concat(parts.flatMap((part) => {
        const bytes = Buffer.from(part);
        const size = Buffer.alloc(4);
        size.writeUInt32BE(bytes.length);
        return [size, bytes];
    }));
}

async function enrol(client) {
    const curve = {name: 'ECDSA', namedCurve: 'P-256'};
    const pair = await webcrypto.subtle.generateKey(curve, false, ['sign', 'verify']);
    const begun = await client.expect('POST', '/api/self/authenticators/push', {label: 'My phone'});
    const asked = message('sallyport push enrolment v1', begun.id, Buffer.from(begun.challenge, 'base64url'), house.origin);
    const signature = await webcrypto.subtle.sign({...curve, hash: 'SHA-256'}, pair.privateKey, asked);
    await client.expect('POST', `/api/self/authenticators/${begun.id}/prove`, {
        public_key: Buffer.from(await webcrypto.subtle.exportKey('spki', pair.publicKey)).toString('base64url'),
        signature: Buffer.from(signature).toString('base64url'),
        training_read: begun.training_version,
    });
}

async function ask() {
    const desk = house.client();
    const {erik} = people;
    await desk.expect('POST', '/api/sign-in', {login_name: erik.name, passphrase: erik.passphrase});
    return desk.expect('POST', '/api/sign-in/push', {});
}

async function arrived(count) {
    await house.until('a push message', async () => received.length >= count);
    assert.equal(received.length, count);
    return received[count - 1];
}

const hmac = (key, ...data) => createHmac('sha256', key).update(Buffer.concat(data.map((part) => Buffer.from(part)))).digest();

// RFC 8291 §3.4 and RFC 8188 §2, from the standards' text.
function decrypted(body) {
    const salt = body.subarray(0, 16);
    const idSize = body[20];
    const sender = body.subarray(21, 21 + idSize);
    const record = body.subarray(21 + idSize);
    const shared = phone.ecdh.computeSecret(sender);
    const input = hmac(hmac(phone.auth, shared), 'WebPush: info\0', phone.ecdh.getPublicKey(), sender, '\x01');
    const prk = hmac(salt, input);
    const key = hmac(prk, 'Content-Encoding: aes128gcm\0\x01').subarray(0, 16);
    const nonce = hmac(prk, 'Content-Encoding: nonce\0\x01').subarray(0, 12);
    const decipher = createDecipheriv('aes-128-gcm', key, nonce);
    decipher.setAuthTag(record.subarray(-16));
    const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
    assert.equal(padded.at(-1), 2);
    return padded.subarray(0, -1).toString();
}

function verified(authorization) {
    const [, jwt, k] = authorization.match(/^vapid t=([\w.-]+), k=([\w-]+)$/);
    const point = Buffer.from(k, 'base64url');
    const key = createPublicKey({format: 'jwk', key: {
        kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url'),
    }});
    const [header, claims, signature] = jwt.split('.');
    assert.ok(verify('sha256', Buffer.from(`${header}.${claims}`), {key, dsaEncoding: 'ieee-p1363'}, Buffer.from(signature, 'base64url')));
    return JSON.parse(Buffer.from(claims, 'base64url'));
}

test('a push message wakes the phone: encrypted for it alone, from a sender that can be verified', async () => {
    const {client} = people.erik;
    await enrol(client);
    phone.ecdh = createECDH('prime256v1');
    phone.auth = randomBytes(16);
    const p256dh = phone.ecdh.generateKeys('base64url');
    const subscription = {
        endpoint: `https://localhost:${port}/push/canary-endpoint`, expirationTime: null,
        keys: {p256dh, auth: phone.auth.toString('base64url')},
    };
    const elsewhere = await client.request('POST', '/api/phone/address', {
        json: {subscription: {...subscription, endpoint: 'https://127.0.0.1/x'}},
    });
    assert.equal(elsewhere.json.reason, 'push.host_not_allowed');
    await client.expect('POST', '/api/phone/address', {subscription});
    const {number} = await ask();
    const sent = await arrived(1);
    assert.equal(sent.method, 'POST');
    assert.equal(sent.url, '/push/canary-endpoint');
    assert.equal(sent.headers['content-encoding'], 'aes128gcm');
    assert.equal(sent.headers.ttl, '60');
    const said = decrypted(sent.body);
    assert.deepEqual(JSON.parse(said), {type: 'question'});
    assert.ok(!said.includes(String(number)));
    const claims = verified(sent.headers.authorization);
    assert.equal(claims.aud, `https://localhost:${port}`);
    assert.equal(claims.sub, 'mailto:it@hospital.example');
    assert.ok(!house.log.includes('canary-endpoint'));
});

test('a redirect is not followed, and a subscription that is gone is not called again', async () => {
    await house.advance(61);
    status = 307;
    await ask();
    await arrived(2);
    await house.advance(540);
    status = 410;
    await ask();
    await arrived(3);
    await house.until('the phone without an address', async () => {
        const {events} = await people.otto.client.expect('GET', '/api/audit?type=cred.push_address_set');
        return events.length === 2;
    });
    await house.advance(61);
    await ask();
    assert.equal(received.length, 3);
    assert.ok(received.every(({url}) => url === '/push/canary-endpoint'));
});

test('S1-39 (part): with the push service gone a question goes nowhere, and a recovery code signs in at once, on record', async () => {
    await house.advance(600);
    const {erik} = people;
    const again = await house.signIn(erik, erik.client);  // the phone's browser
    await again.expect('POST', '/api/phone/address', {subscription: {
        endpoint: `https://localhost:${port}/push/canary-endpoint`, expirationTime: null,
        keys: {p256dh: phone.ecdh.getPublicKey('base64url'), auth: phone.auth.toString('base64url')},
    }});
    service.closeAllConnections();
    await new Promise((good) => { service.close(good); });
    const before = received.length;
    const unsent = () => house.log.split('a push message was not sent').length;
    const failures = unsent();

    const desk = house.client();
    await desk.expect('POST', '/api/sign-in', {login_name: erik.name, passphrase: erik.passphrase});
    const {number} = await desk.expect('POST', '/api/sign-in/push', {});
    assert.ok(number >= 10 && number <= 99);
    await house.until('the message that nobody took', () => unsent() > failures);
    // Nobody waits for the phone.
    await desk.expect('POST', '/api/sign-in/code', {code: erik.recoveryCodes[0]});
    assert.equal((await desk.expect('GET', '/api/session')).login_name, 'erik');
    assert.equal(received.length, before);
    const otto = await house.signIn(people.otto);
    const {events} = await otto.expect('GET', '/api/audit?type=cred.recovery_code_used');
    assert.equal(events.length, 1);

    // Once only, with the service there or not.
    const later = house.client();
    await later.expect('POST', '/api/sign-in', {login_name: erik.name, passphrase: erik.passphrase});
    const twice = await later.request('POST', '/api/sign-in/code', {json: {code: erik.recoveryCodes[0]}});
    assert.equal(twice.status, 401);
});
