// Wrong, truncated, oversized, slow and hostile bytes on every port: the console's host, a device's
// host (with a visitor's cookie, so that what were let through would reach the device) and the port
// that only redirects. Each gets one exact answer and the end of its connection; nothing behind it
// is taken for a request; the server lives and its logs are not flooded.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {House} from '../e2e/house.mjs';
import {freePort} from '../support/free_port.mjs';
import {ScriptedDevice} from './scripted_device.mjs';
import {connect, say} from './wire.mjs';

let house, people, device, doors, plainPort, logged, audited;

before(async () => {
    plainPort = await freePort();
    house = await House.open({configure: (text) => text.replace(
        /^(https = .*)$/m, `$1\nhttp_redirect = "127.0.0.1:${plainPort}"`
    ) + '\n[limits]\nheader_seconds = 3\nhandshake_seconds = 3\nidle_seconds = 5\n'});
    people = await house.people();
    device = await ScriptedDevice.open();
    const allow = [{method: 'GET', path: '/*'}, {method: 'POST', path: '/*'}];
    await house.registerPump(people.anna, JSON.stringify({allow}), {port: device.port});
    await house.grant(people);
    await people.erik.client.expect('POST', '/api/notice', {});
    assert.equal((await people.erik.client.visit(`${house.deviceOrigin}/`)).status, 200);
    const cookies = [...people.erik.client.cookies.get('pump-07.gate.localhost')];
    doors = {
        console: {host: 'sallyport.localhost', extra: ''},
        device: {
            host: 'pump-07.gate.localhost',
            extra: `Origin: ${house.deviceOrigin}\r\nCookie: ${cookies.map((pair) => pair.join('=')).join('; ')}\r\n`,
        },
        redirect: {host: 'sallyport.localhost', extra: '', port: plainPort, tls: false},
    };
    logged = house.log.length;
    audited = await auditSize();
});

after(async () => {
    await house?.close();
    await device?.vanish();
});

// How many events there are; the looks at them, which are events, left out.
async function auditSize() {
    const {events} = await people.otto.client.expect('GET', '/api/audit?count=1000');
    return events.filter((event) => event.type !== 'audit.viewed').length;
}

const smuggled = (host) => `GET /smuggled HTTP/1.1\r\nHost: ${host}\r\n\r\n`;

// What is wrong with the request, the bytes, and the answer. `at` leaves doors out: the port that
// redirects reads no body, so what is wrong with one does not concern it.
const bodies = ['console', 'device'];
const head = (door, first, ...fields) =>
    `${first}\r\nHost: ${door.host}\r\n${door.extra}${fields.map((field) => `${field}\r\n`).join('')}\r\n`;
const post = 'POST /infusion HTTP/1.1';
const get = 'GET /infusion HTTP/1.1';
const hostile = [
    ['CL.TE', (d) => head(d, post, 'Content-Length: 4', 'Transfer-Encoding: chunked') + '0\r\n\r\n', 400],
    ['TE.CL', (d) => head(d, post, 'Transfer-Encoding: chunked', 'Content-Length: 4') + '5c\r\n', 400],
    ['TE.TE, the second unknown', (d) => head(d, post, 'Transfer-Encoding: chunked', 'Transfer-Encoding: cow') + '0\r\n\r\n', 501],
    ['TE.TE, twice chunked', (d) => head(d, post, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked') + '0\r\n\r\n', 501],
    ['TE: xchunked', (d) => head(d, post, 'Transfer-Encoding: xchunked') + '0\r\n\r\n', 501],
    ['TE: chunked, identity', (d) => head(d, post, 'Transfer-Encoding: chunked, identity') + '0\r\n\r\n', 501],
    ['TE: gzip, chunked', (d) => head(d, post, 'Transfer-Encoding: gzip, chunked') + '0\r\n\r\n', 501],
    ['TE: "chunked" in quotes', (d) => head(d, post, 'Transfer-Encoding: "chunked"') + '0\r\n\r\n', 501],
    ['TE with a vertical tab', (d) => head(d, post, 'Transfer-Encoding: \x0bchunked') + '0\r\n\r\n', 400],
    ['TE with a space before the colon', (d) => head(d, post, 'Transfer-Encoding : chunked') + '0\r\n\r\n', 400],
    ['TE in a folded line', (d) => head(d, post, 'X: y', ' Transfer-Encoding: chunked') + '0\r\n\r\n', 400],
    ['TE behind a bare line feed', (d) => head(d, post, 'X: y\nTransfer-Encoding: chunked') + '0\r\n\r\n', 400],
    ['TE behind a bare carriage return', (d) => head(d, post, 'X: y\rTransfer-Encoding: chunked') + '0\r\n\r\n', 400],
    ['TE in HTTP/1.0', (d) => head(d, 'POST /infusion HTTP/1.0', 'Transfer-Encoding: chunked') + '0\r\n\r\n', 501],
    ['two lengths', (d) => head(d, post, 'Content-Length: 0', 'Content-Length: 44'), 400],
    ['two equal lengths', (d) => head(d, post, 'Content-Length: 0', 'Content-Length: 0'), 400],
    ['a list of lengths', (d) => head(d, post, 'Content-Length: 0, 0'), 400],
    ['a length with a sign', (d) => head(d, post, 'Content-Length: +0'), 400],
    ['a length below zero', (d) => head(d, post, 'Content-Length: -1'), 400],
    ['a hexadecimal length', (d) => head(d, post, 'Content-Length: 0x0'), 400],
    ['a length that overflows', (d) => head(d, post, 'Content-Length: 18446744073709551616'), 400],
    ['an empty length', (d) => head(d, post, 'Content-Length:'), 400],
    ['bare line feeds', (d) => head(d, get).replaceAll('\r\n', '\n'), 400],
    ['a NUL in a value', (d) => head(d, get, 'X: a\0b'), 400],
    ['a NUL in a name', (d) => head(d, get, 'X\0Y: a'), 400],
    ['a NUL in the target', (d) => head(d, 'GET /a\0b HTTP/1.1'), 400],
    ['an escaped NUL in the target', (d) => head(d, 'GET /a%00b HTTP/1.1'), 400],
    ['an escaped slash that climbs', (d) => head(d, 'GET /..%2f..%2fetc/passwd HTTP/1.1'), 400],
    ['a backslash in the target', (d) => head(d, 'GET /a\\b HTTP/1.1'), 400],
    ['a field without a colon', (d) => head(d, get, 'just words'), 400],
    ['a field without a name', (d) => head(d, get, ': value'), 400],
    ['no target', (d) => head(d, 'GET HTTP/1.1'), 400],
    ['two spaces before the target', (d) => head(d, 'GET  / HTTP/1.1'), 400],
    ['a method of 64 letters', (d) => head(d, `${'A'.repeat(64)} / HTTP/1.1`), 400],
    ['no host', () => `${get}\r\nX: y\r\n\r\n`, 400],
    ['two hosts', (d) => head(d, get, 'Host: other.example'), 400],
    ['a host with a path', () => `${get}\r\nHost: a/b\r\n\r\n`, 400],
    ['another host in the target', (d) => head(d, 'GET https://other.example/ HTTP/1.1'), 400],
    ['CONNECT', (d) => head(d, 'CONNECT 127.0.0.1:22 HTTP/1.1'), 400],
    ['HTTP/1.2', (d) => head(d, 'GET / HTTP/1.2'), 505],
    ['HTTP/2 without ALPN', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
    ['HTTP/0.9', () => 'GET /\r\n\r\n', 400],
    ['an unknown expectation', (d) => head(d, post, 'Content-Length: 1', 'Expect: the-unexpected'), 417],
    ['a target of 64 KiB', (d) => head(d, `GET /${'a'.repeat(65536)} HTTP/1.1`), 414],
    ['a header of 64 KiB', (d) => head(d, get, `X: ${'x'.repeat(65536)}`), 431],
    ['a thousand headers', (d) => head(d, get, ...Array(1000).fill('X: y')), 431],
    ['another protocol', () => 'EHLO localhost\r\n\r\n', 400],
    ['a shell line', () => '\x00\x01\x02 () { :; }; /bin/sh\r\n\r\n', 400],
    ['a chunk size that overflows', (d) => head(d, post, 'Transfer-Encoding: chunked') + 'ffffffffffffffff1\r\nx', 400, bodies],
    ['a chunk size that is none', (d) => head(d, post, 'Transfer-Encoding: chunked') + 'zz\r\nx', 400, bodies],
    ['a chunk size below zero', (d) => head(d, post, 'Transfer-Encoding: chunked') + '-1\r\nx', 400, bodies],
    ['a chunk size with 0x', (d) => head(d, post, 'Transfer-Encoding: chunked') + '0x1\r\na\r\n0\r\n\r\n', 400, bodies],
    ['a chunk line that ends in a bare line feed', (d) => head(d, post, 'Transfer-Encoding: chunked') + '1\na\r\n0\r\n\r\n', 400, bodies],
    ['a chunk without its end', (d) => head(d, post, 'Transfer-Encoding: chunked') + '1\r\naX0\r\n\r\n', 400, bodies],
    ['a chunk extension of 64 KiB', (d) => head(d, post, 'Transfer-Encoding: chunked') + `1;${'e'.repeat(65536)}\r\na\r\n0\r\n\r\n`, 400, bodies],
    ['a chunk extension with a bare carriage return', (d) => head(d, post, 'Transfer-Encoding: chunked') + '1;a\rb\r\na\r\n0\r\n\r\n', 400, bodies],
    ['trailers that frame', (d) => head(d, post, 'Transfer-Encoding: chunked') + '0\r\nContent-Length: 50\r\n\r\n', 400, bodies],
    ['trailers of 64 KiB', (d) => head(d, post, 'Transfer-Encoding: chunked') + `0\r\nX: ${'x'.repeat(65536)}\r\n\r\n`, 400, bodies],
    ['a body larger than allowed', (d) => head(d, post, 'Content-Length: 99999999'), 413, bodies],
    ['chunks larger than allowed', (d) => head(d, post, 'Transfer-Encoding: chunked') + 'fffffff\r\n', 413, bodies],
];

for (const door of ['console', 'device', 'redirect']) {
    test(`hostile requests at the ${door}: one exact answer each, and the end of the connection`, async () => {
        const at = doors[door];
        const wrong = [];
        await Promise.all(hostile.map(async ([what, bytes, status, where]) => {
            if (where && !where.includes(door)) return;
            const said = await say(house, {...at, bytes: Buffer.from(bytes(at) + smuggled(at.host), 'latin1')});
            // A flood may be cut by a reset that overtakes the answer; never by a second answer.
            const right = said.closed === 'by the server' && said.statuses.length === 1 && said.statuses[0] === status;
            if (!right) wrong.push(`${what}: ${said.closed}, ${said.statuses} instead of ${status}: ${said.text.slice(0, 90)}`);
        }));
        assert.deepEqual(wrong, []);
        assert.ok(!device.text().includes('smuggled'), 'a smuggled request reached the device');
        await stillServing();
    });
}

async function stillServing() {
    assert.equal((await house.client().request('GET', '/health/ready')).status, 200);
    assert.equal((await people.erik.client.request('GET', `${house.deviceOrigin}/alive`)).status, 200);
    assert.equal(house.server.exitCode, null);
}

test('the answers name nothing but the mistake, and are not to be kept', async () => {
    const said = await say(house, {...doors.console, bytes: head(doors.console, get, 'X: a\0b')});
    assert.match(said.text, /^HTTP\/1\.1 400 Bad Request\r\n/);
    assert.match(said.text, /Cache-Control: no-store/i);
    assert.match(said.text, /Connection: close/i);
    assert.ok(!/server:|sallyport|boost|beast/i.test(said.text), said.text);
});

test('a request to a host that is not ours, or not the one of the certificate, goes nowhere', async () => {
    for (const host of ['other.example', 'gate.localhost', 'a.b.gate.localhost', 'pump-07.gate.localhost.evil.example']) {
        const bytes = `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
        assert.deepEqual((await say(house, {host: 'sallyport.localhost', bytes})).statuses, [421], host);
        assert.deepEqual((await say(house, {port: plainPort, tls: false, bytes})).statuses, [400], host);
    }
    const crossed = `GET /crossed HTTP/1.1\r\nHost: pump-07.gate.localhost\r\n${doors.device.extra}\r\n`;
    assert.deepEqual((await say(house, {host: 'sallyport.localhost', bytes: crossed})).statuses, [421]);
    assert.ok(!device.text().includes('/crossed'));
});

test('the port that redirects looks at no credential, reads no body and serves one request', async () => {
    const bytes = `POST /api/sign-in HTTP/1.1\r\nHost: sallyport.localhost\r\nCookie: a=b\r\nContent-Length: 999999\r\n\r\n`;
    const said = await say(house, {port: plainPort, tls: false, bytes: bytes + smuggled('sallyport.localhost')});
    assert.deepEqual(said.statuses, [308]);
    assert.match(said.text, new RegExp(`Location: https://sallyport.localhost:${house.port}/api/sign-in\r\n`, 'i'));
    assert.equal(said.closed, 'by the server');
});

test('what is no TLS on the TLS port gets no HTTP, and is closed', async () => {
    const hello = Buffer.from('160301020001', 'hex');
    const proxy = Buffer.from('0d0a0d0a000d0a515549540a2111000c0a0000010a0000020050' + '01bb', 'hex');
    const said = await Promise.all([
        ['plain HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: sallyport.localhost\r\n\r\n')],
        ['HTTP/2 in the clear', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
        ['a hello that breaks off', hello],
        ['a hello cut short by its end', hello, true],
        ['SSLv2', Buffer.from('802e0100020015000000100100800200800300800400800500800600400700c0080080', 'hex')],
        ['a record of 64 KiB', Buffer.concat([Buffer.from('160301ffff', 'hex'), Buffer.alloc(70_000, 1)])],
        ['an alert', Buffer.from('15030100020228', 'hex')],
        ['PROXY protocol from somebody not listed', proxy],
        ['nothing at all', Buffer.alloc(0)],
        ['zeros', Buffer.alloc(10_000)],
    ].map(async ([what, bytes, ends = false]) => [what, await say(house, {tls: false, bytes, ends})]));
    for (const [what, answer] of said) {
        assert.equal(answer.closed, 'by the server', what);
        assert.deepEqual(answer.statuses, [], what);
    }
    await stillServing();
});

test('TLS below 1.2, and a client that speaks only HTTP/2, get no session', async () => {
    for (const [options, alert] of [
        [{minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0'}, /alert protocol version/],
        [{ALPNProtocols: ['h2']}, /alert no application protocol/],
        [{maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA'}, /alert handshake failure/],
    ]) {
        const said = await say(house, {...doors.console, options, bytes: get});
        assert.match(String(said.error), alert);
        assert.equal(said.bytes.length, 0);
    }
});

test('TLS on the plain port is a malformed request', async () => {
    const said = await say(house, {port: plainPort, tls: false, bytes: Buffer.concat([Buffer.from('16030102000100', 'hex'), Buffer.from('\n\n')])});
    assert.deepEqual(said.statuses, [400]);
});

test('slow strangers are ended in time, while others are served', async () => {
    const began = Date.now();
    const slow = [];
    for (const door of Object.values(doors)) {
        for (let i = 0; i < 30; ++i) {
            slow.push(say(house, {...door, bytes: `${get}\r\nHost: ${door.host}\r\nX-Slow: `}));
        }
    }
    // Who sends a byte now and then is slow all the same.
    const dripping = connect(house, doors.console);
    let dripped = false;
    dripping.on('error', () => {});
    dripping.on('end', () => dripping.end());
    dripping.on('close', () => { dripped = true; });
    dripping.write(`${get}\r\nHost: sallyport.localhost\r\nX: `);
    const drip = setInterval(() => dripping.write('x'), 200);
    await stillServing();
    const ended = await Promise.all(slow);
    await house.until('the dripping one to be ended', () => dripped);
    clearInterval(drip);
    for (const one of ended) {
        assert.equal(one.closed, 'by the server');
        assert.deepEqual(one.statuses, []);
    }
    assert.ok(Date.now() - began < 20_000, 'within the limit of 3 s, with room for a busy machine');
});

test('a body that is announced and does not come never reaches a device', async () => {
    const bytes = head(doors.device, post, 'Content-Length: 10') + 'half';
    const said = await say(house, {...doors.device, bytes, patience: 2000, ends: true});
    assert.notEqual(said.statuses[0], 200);
    assert.ok(!device.text().includes('half'));
});

test('an address with a token in it does not let strangers flood the audit log', async () => {
    const before = await auditSize();
    const client = house.client();
    const answers = await Promise.all(Array.from({length: 60}, (_, i) =>
        client.request('GET', `/api/users?access_token=sp_${String(i).padStart(43, 'a')}`)));
    for (const answer of answers) assert.equal(answer.status, 400);
    const grown = await auditSize() - before;
    assert.ok(grown >= 1 && grown <= 5, `60 requests wrote ${grown} events`);
    audited += grown;
});

test('none of it flooded the log or the audit log', async () => {
    const lines = house.log.slice(logged).split('\n').filter(Boolean);
    assert.ok(lines.length < 20, `${lines.length} lines:\n${lines.slice(0, 10).join('\n')}`);
    const grown = await auditSize() - audited;
    assert.ok(grown < 20, `${grown} events`);
});
