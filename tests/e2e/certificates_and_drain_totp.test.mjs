// What an operator does to a server that people are using: new certificates, a broken one, a stop.
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {readFileSync, writeFileSync} from 'node:fs';
import {connect, createServer} from 'node:net';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {connect as connectTls} from 'node:tls';
import {House} from './house.mjs';
import {issueCertificate, realSite} from './site.mjs';
import {freePort} from '../support/free_port.mjs';

let house, plainPort, tls;

before(async () => {
    plainPort = await freePort();
    house = await House.open({
        prepare: realSite({listen: `http_redirect = "127.0.0.1:${plainPort}"\n`, demo: true}),
    });
    tls = join(house.folder, 'site/tls');
});

after(async () => { await house?.close(); });

async function open(host = 'sallyport.localhost') {
    const socket = connectTls({
        host: '127.0.0.1', port: house.port, servername: host, ca: readFileSync(house.ca),
    });
    await once(socket, 'secureConnect');
    socket.text = '';
    socket.on('data', (chunk) => { socket.text += chunk; });
    socket.on('error', () => {});
    return socket;
}

async function fingerprint(host) {
    const socket = await open(host);
    const {fingerprint256} = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
}

const request = (path, host = 'sallyport.localhost') =>
    `GET ${path} HTTP/1.1\r\nHost: ${host}:${house.port}\r\n\r\n`;

async function answers(socket, text = request('/health/live')) {
    const before = socket.text.length;
    socket.write(text);
    await house.until('an answer', async () => socket.text.slice(before).includes('\r\n\r\n'));
    return socket.text.slice(before);
}

test('new certificates are served after SIGHUP, and who is connected stays connected', async () => {
    const kept = await open();
    assert.match(await answers(kept), /^HTTP\/1\.1 200 /);
    const [console_, device] = [await fingerprint(), await fingerprint('pump-07.gate.localhost')];

    issueCertificate(tls, 'sallyport.localhost', ['sallyport.localhost']);
    issueCertificate(tls, 'gate.localhost', ['*.gate.localhost']);
    assert.equal(await fingerprint(), console_, 'nothing changes before it is asked for');
    house.server.kill('SIGHUP');
    await house.until('the new certificate', async () => await fingerprint() !== console_);
    assert.notEqual(await fingerprint('pump-07.gate.localhost'), device);
    assert.match(await answers(kept), /^HTTP\/1\.1 200 /, 'the open connection lives on');
    kept.destroy();
});

for (const [what, spoil] of [
    ['no PEM at all', () => writeFileSync(join(tls, 'sallyport.localhost.pem'), 'not a certificate\n')],
    ['the key of another', () => writeFileSync(
        join(tls, 'sallyport.localhost.key'), readFileSync(join(tls, 'gate.localhost.key')))],
]) {
    test(`a broken new certificate (${what}) keeps the old one, and the log names the file`, async () => {
        const files = ['pem', 'key'].map((kind) => join(tls, `sallyport.localhost.${kind}`));
        const good = files.map((file) => readFileSync(file));
        const served = await fingerprint();
        const before = house.log.length;
        spoil();
        house.server.kill('SIGHUP');
        const line = await house.until('a line in the log', async () =>
            house.log.slice(before).split('\n').find((one) => one.includes('certificates kept as they were')));
        assert.match(line, /sallyport\.localhost\.(pem|key)/);
        assert.equal(JSON.parse(line).level, 'error');
        assert.equal(await fingerprint(), served);
        files.forEach((file, i) => writeFileSync(file, good[i]));
    });
}

// Bytes to the plain port, and all that comes back.
async function plainly(text) {
    const socket = connect(plainPort, '127.0.0.1');
    let said = '';
    socket.on('data', (chunk) => { said += chunk; });
    socket.on('error', () => {});
    socket.write(text);
    await once(socket, 'close');
    return said;
}

test('S1-13 (part): the plain port redirects to the same address over TLS and does nothing else', async () => {
    const to = await plainly('GET /sign-in?next=/x HTTP/1.1\r\nHost: sallyport.localhost\r\n\r\n');
    assert.match(to, /^HTTP\/1\.1 308 /);
    assert.match(to, new RegExp(`\\r\\nLocation: https://sallyport\\.localhost:${house.port}/sign-in\\?next=/x\\r\\n`, 'i'));
    assert.ok(!/set-cookie|strict-transport/i.test(to), to);
    const device = await plainly('GET / HTTP/1.1\r\nHost: pump-07.gate.localhost\r\n\r\n');
    assert.match(device, new RegExp(`Location: https://pump-07\\.gate\\.localhost:${house.port}/\\r\\n`, 'i'));

    const body = JSON.stringify({login_name: 'anna', passphrase: 'four lamps over the harbour'});
    const posted = await plainly(`POST /api/sign-in HTTP/1.1\r\nHost: sallyport.localhost\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    assert.match(posted, /^HTTP\/1\.1 308 /, 'a sign-in over plain HTTP is not one');
    for (const host of ['elsewhere.example.org', 'sallyport.localhost.example.org']) {
        assert.match(await plainly(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`), /^HTTP\/1\.1 400 /, host);
    }
    assert.ok(!/^HTTP\/1\.1 [23]/.test(await plainly('\x16\x03\x01\x02\x00garbage\r\n\r\n')));
});

// A device that answers when it is told to.
async function patientDevice() {
    const device = {asked: 0, sockets: []};
    device.server = createServer((socket) => {
        socket.on('error', () => {});
        socket.on('data', () => { device.asked += 1; device.sockets.push(socket); });
    }).listen(0, '127.0.0.1');
    await once(device.server, 'listening');
    device.answer = () => device.sockets.at(-1).end('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone');
    return device;
}

async function refusesConnections() {
    const socket = connect(house.port, '127.0.0.1');
    const [open] = await Promise.race([
        once(socket, 'connect').then(() => [true]),
        new Promise((good) => socket.on('error', () => good([false]))),
    ]);
    socket.destroy();
    return !open;
}

test('SIGTERM: what runs is finished, also at a device; nothing new is accepted; exit 0', async () => {
    const device = await patientDevice();
    const people = await house.people();
    await people.anna.client.expect('POST', '/api/devices', {
        name: 'pump-07', serial: 'IP2-0007', address: '127.0.0.1', port: device.server.address().port,
        archetype: 'A2', ephi: 'none',
    });
    await people.anna.client.expect('POST', '/api/devices/pump-07/credential', {
        user_name: 'service', password: 'a password of the device',
    });
    await house.grant(people);
    await people.erik.client.expect('POST', '/api/notice', {});
    const visit = people.erik.client.visit(`${house.deviceOrigin}/`);
    await house.until('the device is asked', async () => device.asked === 1);

    const idle = await open();
    assert.match(await answers(idle), /^HTTP\/1\.1 200 /);
    const half = await open();
    const body = JSON.stringify({login_name: 'erik', passphrase: 'not his passphrase'});
    half.write(`POST /api/sign-in HTTP/1.1\r\nHost: sallyport.localhost:${house.port}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`);
    await answers(await open());  // a round trip later, the half is there too

    const ended = once(house.server, 'exit');
    house.server.kill('SIGTERM');
    await house.until('new connections are refused', refusesConnections);
    await house.until('the idle connection is closed', async () => idle.closed || idle.readableEnded);

    half.write(body.slice(10));
    await house.until('the answer', async () => half.text.includes('\r\n\r\n'));
    assert.match(half.text, /^HTTP\/1\.1 200 /, 'the first step of a sign-in is answered alike');
    assert.match(half.text, /\r\nConnection: close\r\n/i);
    device.answer();
    const answer = await visit;
    assert.equal(answer.status, 200);
    assert.equal(answer.body.toString(), 'done');

    const [code, signal] = await ended;
    assert.deepEqual([code, signal], [0, null]);
    device.server.close();
    await house.start();
    const otto = await house.signIn(people.otto);
    const {events} = await otto.expect('GET', '/api/audit?type=sys.stop');
    assert.equal(events.length, 1, 'the stop is on record');
    const {recordings} = await otto.expect('GET', '/api/recordings');
    assert.equal(recordings[0].state, 'sealed', 'and so is the visit, to its end');
});
