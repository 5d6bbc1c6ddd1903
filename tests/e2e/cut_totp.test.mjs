// Open connections to the pump, and everything that cuts them: a kept connection and a stream of
// bytes that no request interrupts, both open when it happens. Limit: 5 seconds of real time.
import assert from 'node:assert/strict';
import {after, before, beforeEach, test} from 'node:test';
import {readFileSync} from 'node:fs';
import {once} from 'node:events';
import tls from 'node:tls';
import {House, proofed} from './house.mjs';

const cut_within_ms = 5000;
let house, people;

before(async () => {
    house = await House.open();
    people = await house.people();
    const {anna} = people;
    people.sven = {name: 'sven', role: 'security_officer', passphrase: 'nine owls on one fence', client: house.client()};
    const made = await anna.client.expect('POST', '/api/users', {
        login_name: 'sven', display_name: 'sven', role: 'security_officer', ...proofed,
    });
    await people.sven.client.expect('POST', '/api/enrolment', {ticket: made.ticket.code});
    await house.enrol(people.sven);
    await house.registerPump(anna);
    const {devices} = await anna.client.expect('GET', '/api/devices');
    await house.stepUp(anna);
    await anna.client.expect('POST', '/api/devices/pump-07/profile', {
        profile: JSON.stringify({...devices[0].profile, upgrade_allowed: true}),
    });
    await people.erik.client.expect('POST', '/api/notice', {});
});

after(async () => { await house?.close(); });

// Everybody whom the last test left signed out or idle.
beforeEach(async () => {
    for (const who of ['anna', 'erik', 'paula', 'sven']) {
        people[who].client = await house.signIn(people[who]);
    }
    const {grants} = await people.paula.client.expect('GET', '/api/grants');
    for (const grant of grants.filter((one) => one.state === 'open')) {
        await people.paula.client.expect('POST', `/api/grants/${grant.id}/revoke`, {reason: 'The next test'});
    }
});

// A TLS connection to the pump's host with this client's cookies. `ended` resolves with the time at
// which the server closed it.
async function connect(client) {
    const {hostname, host} = new URL(house.deviceOrigin);
    const cookies = [...client.cookies.get(hostname)].map(([name, value]) => `${name}=${value}`).join('; ');
    const socket = tls.connect({
        host: '127.0.0.1', port: house.port, servername: hostname, ca: readFileSync(house.ca),
    });
    const connection = {socket, text: '', closed: false, head: `Host: ${host}\r\nCookie: ${cookies}\r\n`};
    socket.on('data', (chunk) => { connection.text += chunk.toString('latin1'); });
    socket.on('error', () => {});
    connection.ended = new Promise((good) => {
        socket.on('close', () => { connection.closed = true; good(Date.now()); });
    });
    await once(socket, 'secureConnect');
    return connection;
}

async function says(connection, text) {
    await house.until(`the connection says ${text}: ${connection.text}`, async () => {
        await new Promise((good) => setImmediate(good));
        return connection.closed || connection.text.includes(text);
    });
    assert.ok(connection.text.includes(text), connection.text);
    connection.text = '';
}

// The console of the pump, switched to a stream of its own, and a kept connection with an answer
// behind it: one visit, two sockets.
async function openVisit() {
    const {client} = people.erik;
    const page = await client.visit(`${house.deviceOrigin}/infusion`);
    assert.equal(page.status, 200, page.body.toString());
    const console_ = await connect(client);
    console_.socket.write(`GET /console HTTP/1.1\r\n${console_.head}Connection: Upgrade\r\nUpgrade: emp-console\r\n\r\n`);
    await says(console_, 'EMP-3200 console');
    const kept = await connect(client);
    kept.socket.write(`GET /infusion HTTP/1.1\r\n${kept.head}\r\n`);
    await says(kept, 'rate_ml_h');
    return {console: console_, kept};
}

// Both sockets are closed by the server within the time, and nothing passes any more.
async function isCut(visit) {
    const begun = Date.now();
    const late = new Promise((good) => { setTimeout(() => good(Infinity), cut_within_ms + 500).unref(); });
    for (const name of ['console', 'kept']) {
        const took = (await Promise.race([visit[name].ended, late])) - begun;
        assert.ok(took < cut_within_ms, `${name} was open for ${took} ms`);
    }
    const before = house.pumpBytes().length;
    const answer = await people.erik.client.request('GET', `${house.deviceOrigin}/infusion`);
    assert.notEqual(answer.status, 200);
    assert.equal(house.pumpBytes().length, before, 'the pump received something');
}

// Opens a visit, does `what`, and asserts that it is cut, with this cause in the log.
async function cutBy(cause, what) {
    const grant = await house.grant(people);
    const visit = await openVisit();
    await what(grant);
    await isCut(visit);
    const otto = await house.signIn(people.otto);
    await house.until(`a visit that ended by ${cause}`, async () => {
        const {events} = await otto.expect('GET', `/api/audit?type=pam.disconnect&grant=${grant}`);
        if (events.length === 0) return false;
        const shown = await otto.expect('GET', `/api/audit/${events[0].id}`);
        assert.equal(JSON.parse(shown.leaf).fields.cause, cause);
        return true;
    });
}

test('S0-09 (part): sign-out cuts an open stream and a kept connection within 5 s', async () => {
    await cutBy('logout', () => people.erik.client.expect('POST', '/api/session/end', {}));
});

test('S0-09 (part): an administrator who ends the sign-in cuts both within 5 s', async () => {
    await cutBy('session_ended', async () => {
        await house.stepUp(people.anna);
        const {sessions} = await people.anna.client.expect('GET', '/api/sessions');
        const his = sessions.filter((one) => one.login_name === 'erik' && one.channel === 'web');
        for (const one of his) await people.anna.client.expect('POST', `/api/sessions/${one.id}/end`, {});
    });
});

test('the revocation of a grant cuts both within 5 s', async () => {
    await cutBy('grant_revoked', async (grant) => {
        await people.paula.client.expect('POST', `/api/grants/${grant}/revoke`, {reason: 'Not needed any more'});
    });
});

test('the end of a grant cuts both within 5 s', async () => {
    await house.grant(people, {minutes: 5});
    const visit = await openVisit();
    await house.advance(5 * 60);
    await isCut(visit);
});

test('a change of role cuts both within 5 s', async () => {
    await cutBy('role_changed', async () => {
        await house.stepUp(people.anna);
        await people.anna.client.expect('POST', '/api/users/erik/role', {role: 'auditor'});
    });
    await people.anna.client.expect('POST', '/api/users/erik/role', {role: 'engineer'});
});

test('a sign-in that nobody used for 15 minutes ends, and the background sweep cuts its visit', async () => {
    await house.grant(people);
    const visit = await openVisit();
    // The pump's page polls, or loads itself anew: that keeps the visit, and nobody signed in.
    for (const how of ['cors\r\nSec-Fetch-Dest: empty', 'navigate\r\nSec-Fetch-Dest: document', 'cors\r\nSec-Fetch-Dest: empty']) {
        await house.advance(5 * 60 - 1);
        const head = `${visit.kept.head}Sec-Fetch-Mode: ${how}\r\nSec-Fetch-Site: same-origin\r\n`;
        visit.kept.socket.write(`GET /infusion HTTP/1.1\r\n${head}\r\n`);
        await says(visit.kept, 'rate_ml_h');
    }
    assert.ok(!visit.console.closed, 'the stream was open until then');
    await house.advance(4);
    await isCut(visit);
});

test('S0-31 (part): a page that polls by POST keeps nobody signed in either: its visit is cut at the idle limit', async () => {
    await house.grant(people);
    const visit = await openVisit();
    const {socket, head} = visit.kept;
    // As the pump's own page sends a change of its rate, with nobody there.
    const body = 'rate_ml_h=12';
    const poll = [
        'POST /infusion HTTP/1.1', head + 'Sec-Fetch-Mode: cors', 'Sec-Fetch-Dest: empty', 'Sec-Fetch-Site: same-origin',
        `Origin: ${new URL(house.deviceOrigin).origin}`, 'Content-Type: application/x-www-form-urlencoded',
        `Content-Length: ${body.length}`, '', body,
    ].join('\r\n');
    for (let minute = 0; minute < 15; minute += 5) {
        await house.advance(5 * 60 - 1);
        socket.write(poll);
        await says(visit.kept, 'rate_ml_h');
    }
    assert.ok(!visit.console.closed, 'the stream was open until then');
    await house.advance(4);
    await isCut(visit);
    assert.equal((await people.erik.client.request('GET', '/api/session')).status, 401);
});

test('S0-31 (part): the hard cap of eight hours cuts an open stream, however busy its person', async () => {
    people.erik.client = await house.signIn(people.erik);
    const ends = Date.parse((await people.erik.client.expect('GET', '/api/session')).ends_at) / 1000;
    const left = () => ends - (Date.now() / 1000 + (house.offset ?? 0));
    assert.ok(left() > 8 * 3600 - 60 && left() <= 8 * 3600, `${left()} s are left`);
    // Never idle for long, and that on record at once: what ends it is not that.
    while (left() > 900) {
        await house.advance(600);
        await house.stepUp(people.erik);
    }
    people.paula.client = await house.signIn(people.paula);
    await house.grant(people);
    await house.advance(left() - 270);
    await house.stepUp(people.erik);
    const visit = await openVisit();
    await house.advance(left() - 30);
    visit.console.socket.write('rate 12\n');
    await says(visit.console, 'ok');
    await house.advance(left());
    await isCut(visit);
    assert.equal((await people.erik.client.request('GET', '/api/session')).status, 401);
});

// One member of one role is changed; sven proposes, paula approves.
async function changePolicy(change) {
    const policy = await people.sven.client.expect('GET', '/api/policy');
    change(policy);
    await house.stepUp(people.sven);
    const proposed = await people.sven.client.expect('POST', '/api/policy/proposals', {
        policy: JSON.stringify(policy), rationale: 'to see what becomes of open visits',
    });
    await house.stepUp(people.paula);
    await people.paula.client.expect('POST', `/api/policy/proposals/${proposed.version}/approve`, {});
}

test('a change of the policy leaves the visits that it still allows, and cuts the others within 5 s', async () => {
    await house.grant(people);
    const visit = await openVisit();
    const {connections} = await people.paula.client.expect('GET', '/api/connections');
    await changePolicy((policy) => { policy.step_up_seconds = 240; });
    // It is decided anew while this goes on, four times a second: the stream does not notice.
    for (const begun = Date.now(); Date.now() < begun + 1500;) {
        visit.console.socket.write('rate 12\n');
        await says(visit.console, 'ok');
    }
    assert.ok(!visit.kept.closed);
    const now = await people.paula.client.expect('GET', '/api/connections');
    assert.deepEqual(now.connections.map((one) => one.id), connections.map((one) => one.id));

    // The vendors' engineers may do no more than those whom they narrow.
    const engineersOf = (policy) =>
        policy.roles.filter((role) => role.name === 'engineer' || role.narrows === 'engineer');
    await changePolicy((policy) => {
        for (const role of engineersOf(policy)) {
            role.permissions = role.permissions.filter((one) => one !== 'device.visit');
        }
    });
    await isCut(visit);
    await changePolicy((policy) => {
        for (const role of engineersOf(policy)) role.permissions.push('device.visit');
    });
});

test('a deactivated account\'s connections are cut within 5 s', async () => {
    await cutBy('account_disabled', async () => {
        await house.stepUp(people.anna);
        await people.anna.client.expect('POST', '/api/users/erik/disable', {cause: 'termination'});
    });
});
