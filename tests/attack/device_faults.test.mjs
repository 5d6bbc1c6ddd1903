// Devices that are down, hang, talk garbage or break off. Each time the person is told what, why
// and what to do; the recording says what happened; nothing leaks; and the next request is served.
import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {readdirSync} from 'node:fs';
import {after, before, test} from 'node:test';
import {House} from '../e2e/house.mjs';
import {ScriptedDevice, openBlackHole, wellBehaved} from './scripted_device.mjs';

let house, people, erik, device, hole;
const expected = new Map();  // path → the reason that the recording shall give
const shown = [];            // everything that a person was shown

// Answers within a second or never; more than 64 KiB is too much.
const profile = JSON.stringify({
    allow: [{method: 'GET', path: '/*'}, {method: 'POST', path: '/*'}],
    connect_timeout_seconds: 1, answer_timeout_seconds: 1, response_body_max: 65536,
});
const patient = JSON.stringify({allow: [{method: 'GET', path: '/*'}], answer_timeout_seconds: 600});

before(async () => {
    house = await House.open();
    people = await house.people();
    erik = people.erik.client;
    device = await ScriptedDevice.open();
    hole = await openBlackHole();
    await house.registerPump(people.anna, profile, {name: 'pump-07', port: device.port});
    await house.registerPump(people.anna, profile, {name: 'black-hole', port: hole.port});
    await house.registerPump(people.anna, patient, {name: 'patient', port: device.port});
    for (const name of ['pump-07', 'black-hole', 'patient']) await house.grant(people, {device: name});
    await erik.expect('POST', '/api/notice', {});
    for (const name of ['pump-07', 'patient']) {
        assert.equal((await erik.visit(`${hostOf(name)}/first`)).status, 200);
    }
});

after(async () => {
    await house?.close();
    await device?.vanish();
    hole?.close();
});

const hostOf = (name) => `https://${name}.gate.localhost:${house.port}`;
const openFiles = () => readdirSync(`/proc/${house.server.pid}/fd`).length;

// Asks as a browser's page and as a script would, and checks that both are told well.
async function asked(path, {status, reason, name = 'pump-07'}) {
    const page = await erik.visit(`${hostOf(name)}${path}`);
    shown.push(page);
    assert.equal(page.status, status, `${path}: ${page.body}`);
    const html = page.body.toString();
    assert.match(html, /<h1>The (device|answer)[^<]*<\/h1><p>[A-Z][^<]+\.<\/p>/, 'what, and what to do');
    assert.ok(html.includes(`device ${name}: ${reason}`), html);
    assert.equal(page.headers['cache-control'], 'no-store');
    expected.set(path, reason);

    const problem = await erik.request('GET', `${hostOf(name)}${path}-json`);
    shown.push(problem);
    assert.equal(problem.status, status);
    assert.match(problem.headers['content-type'], /application\/problem\+json/);
    assert.equal(problem.json.type, `urn:sallyport:${reason}`);
    assert.equal(problem.json.device, name);
    assert.ok(problem.json.title && problem.json.detail);
    expected.set(`${path}-json`, reason);
}

async function servedAgain() {
    device.behaviour = wellBehaved;
    const answer = await erik.request('GET', `${hostOf('pump-07')}/after`);
    assert.equal(answer.status, 200, answer.body.toString());
    assert.equal(answer.body.toString(), 'well\n');
}

const says = (...pieces) => (socket) => { for (const piece of pieces) socket.write(piece); };
const saysAndEnds = (...pieces) => (socket) => { says(...pieces)(socket); socket.end(); };
const forever = (piece) => (socket) => {
    const go = () => { while (!socket.destroyed && socket.write(piece)); };
    socket.on('drain', go);
    go();
};

const garbage = {status: 502, reason: 'device.garbage'};
const closed = {status: 502, reason: 'device.closed'};
const silent = {status: 504, reason: 'device.timeout'};
const tooLarge = {status: 502, reason: 'device.answer_too_large'};
const ok = 'HTTP/1.1 200 OK\r\n';

// What the device does instead of answering, and what the person is told.
const faults = [
    ['accepts and never answers', () => {}, silent],
    ['answers its head byte by byte', (socket) => {
        const timer = setInterval(() => socket.write('H'), 300);
        socket.on('close', () => clearInterval(timer));
    }, silent],
    ['ends the connection without a word', (socket) => socket.end(), closed],
    ['resets the connection', (socket) => socket.resetAndDestroy(), closed],
    ['ends it inside the head', saysAndEnds(ok + 'Content-Le'), closed],
    ['answers random bytes', (socket) => socket.write(Buffer.concat([randomBytes(70_000), Buffer.from('\n\n')])), garbage],
    ['answers NUL bytes', says(Buffer.alloc(40_000)), garbage],
    ['answers as HTTP/0.9 did', saysAndEnds('<html>\n\n<p>hello</p></html>\n'), garbage],
    ['speaks HTTP/2', says('\0\0\x12\x04\0\0\0\0\0' + '\0'.repeat(18) + '\n\n'), garbage],
    ['speaks another protocol', says('SSH-2.0-dropbear_2012.55\r\n\r\n'), garbage],
    ['echoes the request instead of an answer', (socket, request) => socket.write(request), garbage],
    ['sends a header of 70 KB', says(`${ok}X: ${'x'.repeat(70_000)}\r\n\r\n`), garbage],
    ['sends headers without end', (socket) => { socket.write(ok); forever('X-More: and more\r\n')(socket); }, garbage],
    ['sends 1xx answers without end', forever('HTTP/1.1 100 Continue\r\n\r\n'), garbage],
    ['sends both a length and chunks', says(`${ok}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`), garbage],
    ['sends two lengths', says(`${ok}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`), garbage],
    ['sends a length that is no number', says(`${ok}Content-Length: 5x\r\n\r\nhello`), garbage],
    ['sends an encoding nobody knows', says(`${ok}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`), garbage],
    ['sends a control byte in a header', says(`${ok}X: a\x00b\r\nContent-Length: 0\r\n\r\n`), garbage],
    ['announces more than its profile allows', says(`${ok}Content-Length: 70000\r\n\r\n`), tooLarge],
];

for (const [what, behaviour, told] of faults) {
    test(`a device that ${what}: ${told.reason}, and the next request is served`, async () => {
        device.behaviour = behaviour;
        await asked(`/${what.replace(/\W/g, '-')}`, told);
        await servedAgain();
    });
}

test('a device that is down: device.unreachable, until it is back', async () => {
    await device.vanish();
    await asked('/down', {status: 502, reason: 'device.unreachable'});
    await device.listen();
    await servedAgain();
});

test('a device behind a firewall that drops what comes: device.timeout', async () => {
    await asked('/dropped', {...silent, name: 'black-hole'});
});

// Half an answer is out already: the person's side must be seen to break off, not to end.
const half = [
    ['ends the connection in the middle of a body', saysAndEnds(`${ok}Content-Length: 1000\r\n\r\nhalf`), 'device.closed'],
    ['resets it in the middle of a body', (socket) => {
        socket.write(`${ok}Content-Length: 1000\r\n\r\nhalf`, () => setImmediate(() => socket.resetAndDestroy()));
    }, 'device.closed'],
    ['falls silent in the middle of a body', says(`${ok}Content-Length: 1000\r\n\r\nhalf`), 'device.timeout'],
    ['ends in the middle of a chunk', saysAndEnds(`${ok}Transfer-Encoding: chunked\r\n\r\n40\r\nhalf`), 'device.closed'],
    ['sends a chunk that is none', (socket) => {
        socket.write(`${ok}Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n`);
        setTimeout(() => socket.write('zz\r\n'), 50);
    }, 'device.garbage'],
    ['sends a body without end', (socket) => {
        socket.write(`${ok}Transfer-Encoding: chunked\r\n\r\n`);
        forever(`400\r\n${'x'.repeat(1024)}\r\n`)(socket);
    }, 'device.answer_too_large'],
];

for (const [what, behaviour, reason] of half) {
    test(`a device that ${what}: the person's connection breaks off (${reason})`, async () => {
        device.behaviour = behaviour;
        const path = `/${what.replace(/\W/g, '-')}`;
        expected.set(path, reason);
        const told = await erik.request('GET', `${hostOf('pump-07')}${path}`).catch((error) => error);
        // A reset may overtake the half that came: then the person gets the page.
        if (!(told instanceof Error)) assert.equal(told.status, 502, 'half an answer looked like a whole one');
        await servedAgain();
    });
}

test('what a device sends unasked after its answer never becomes the answer to another request', async () => {
    device.behaviour = says('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\noneHTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled');
    for (let i = 0; i < 3; ++i) {
        const answer = await erik.request('GET', `${hostOf('pump-07')}/left-over`);
        assert.equal(answer.body.toString(), 'on');
    }
    await servedAgain();
});

test('a request that waits for a device is cut within 5 s of the end of its grant', async () => {
    device.behaviour = () => {};
    const answer = erik.request('GET', `${hostOf('patient')}/waits`, {headers: {accept: 'text/html'}});
    await house.until('the device to have the request', () => device.text().includes('/waits'));
    await house.advance(61 * 60);
    const cut = Date.now();
    const told = await answer.catch((error) => error);
    assert.ok(Date.now() - cut < 5000, 'within 5 s');
    if (!(told instanceof Error)) {
        assert.equal(told.status, 403);
        assert.match(told.body.toString(), /Your visit has ended/);
    }
    await house.until('its connection to be closed', () => device.sockets.size === 0);
});

test('nothing leaks: no connection, no descriptor, no secret; and the recordings say what happened', async () => {
    await house.until('no connection to the device', () => device.sockets.size === 0);
    const before = openFiles();
    people.otto.client = await house.signIn(people.otto);
    people.erik.client = erik = await house.signIn(people.erik);
    await house.grant({...people, paula: {client: await house.signIn(people.paula)}});
    for (let i = 0; i < 20; ++i) {
        device.behaviour = faults[i % faults.length][1] === faults[0][1] ? wellBehaved : says('garbage\n\n');
        await erik.visit(`${hostOf('pump-07')}/again-${i}`);
    }
    await erik.expect('POST', '/api/session/end', {});
    await house.until('descriptors to be given back', () => openFiles() <= before + 8);

    const {recordings} = await house.until('sealed recordings', async () => {
        const list = await people.otto.client.expect('GET', '/api/recordings');
        return list.recordings.every((one) => one.state === 'sealed') ? list : undefined;
    });
    assert.equal(recordings.length, 4);
    const told = new Map();
    let all = house.log;
    for (const {id} of recordings) {
        await house.stepUp(people.otto);
        const har = await people.otto.client.request('POST', `/api/recordings/${id}/export`, {json: {reason: 'Faults'}});
        assert.equal(har.status, 200);
        all += har.body.toString('latin1');
        for (const entry of har.json.log.entries) {
            told.set(new URL(entry.request.url).pathname, entry._sallyport);
        }
    }
    for (const [path, reason] of expected) {
        assert.equal(told.get(path)?.outcome, 'failed', path);
        assert.equal(told.get(path)?.reason, reason, path);
    }
    assert.equal(told.get('/after').outcome, 'answered');

    all += shown.map((one) => JSON.stringify(one.headers) + one.body.toString('latin1')).join('\n');
    const password = house.servicePassword();
    assert.ok(device.text().includes(Buffer.from(`service:${password}`).toString('base64')), 'it was lent');
    for (const secret of [password, Buffer.from(`service:${password}`).toString('base64')]) {
        assert.ok(!all.includes(secret), 'the credential is in an answer, a recording or the log');
    }
    assert.equal(house.server.exitCode, null);
});
