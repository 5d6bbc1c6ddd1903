// What opens which door, over the network: whose credential is worth what, what is accepted once
// only, what plain text gets, and what each look at a visit leaves in the log.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {cpSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {createConnection} from 'node:net';
import {join} from 'node:path';
import tls from 'node:tls';
import {after, before, test} from 'node:test';
import {House, proofed} from './house.mjs';

let house, people, redirectPort;
const device = () => `${house.deviceOrigin}/infusion`;

before(async () => {
    house = await House.open();
    await house.stop();
    redirectPort = house.port === 65535 ? house.port - 1 : house.port + 1;
    const config = join(house.folder, 'site/sallyport.toml');
    const redirect = `[listen]\nhttp_redirect = "127.0.0.1:${redirectPort}"\n`;
    const text = readFileSync(config, 'utf8').replace('[listen]\n', redirect);
    writeFileSync(config, text);
    await house.start();
    people = await house.people();
    await house.registerPump(people.anna);
    await house.grant(people);
    await people.erik.client.expect('POST', '/api/notice', {});
});

after(async () => { await house?.close(); });

function* files(folder) {
    for (const name of readdirSync(folder)) {
        const path = join(folder, name);
        const found = statSync(path, {throwIfNoEntry: false});  // the server goes on renaming
        if (found?.isDirectory()) yield* files(path);
        else if (found) yield path;
    }
}

// Everything that comes back on a plain socket for these bytes.
function spoken(port, bytes) {
    return new Promise((good) => {
        let answer = '';
        const socket = createConnection(port, '127.0.0.1', () => socket.write(bytes));
        socket.on('data', (chunk) => { answer += chunk.toString('latin1'); });
        socket.on('error', () => good(answer));
        socket.on('close', () => good(answer));
        socket.setTimeout(10_000, () => { socket.destroy(); });
    });
}

// Sent to the sign-in page, or refused outright.
const outside = ({status, headers}) =>
    status === 401 || (status === 303 && headers.location.startsWith(`${house.origin}/handoff`));

function handshake(version) {
    return new Promise((good) => {
        const socket = tls.connect({
            host: '127.0.0.1', port: house.port, servername: 'sallyport.localhost', ca: readFileSync(house.ca),
            minVersion: version, maxVersion: version, ciphers: 'DEFAULT:@SECLEVEL=0',
        }, () => { good(socket.getProtocol()); socket.destroy(); });
        socket.on('error', (error) => good(`refused: ${error.code}`));
    });
}

const post = (path, host, body) =>
    `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;

test('S1-13 (part): a credential sent in plain HTTP is not looked at, on either port', async () => {
    const otto = people.otto;
    const events = async () => (await otto.client.expect('GET', '/api/audit?type=authn.')).events.length;
    const before = await events();
    const body = JSON.stringify({login_name: 'erik', passphrase: people.erik.passphrase});
    const redirected = await spoken(redirectPort, post('/api/sign-in', `sallyport.localhost:${redirectPort}`, body));
    assert.match(redirected, /^HTTP\/1\.[01] 30[178] /);
    assert.match(redirected, new RegExp(`\r\nLocation: https://sallyport\\.localhost:${house.port}/`, 'i'));
    assert.ok(!/set-cookie/i.test(redirected), 'no cookie over plain HTTP');
    const basic = await spoken(redirectPort,
        `GET /api/session HTTP/1.1\r\nHost: sallyport.localhost\r\nAuthorization: Bearer x\r\nConnection: close\r\n\r\n`);
    assert.match(basic, /^HTTP\/1\.[01] 30[178] /);
    const onTls = await spoken(house.port, post('/api/sign-in', 'sallyport.localhost', body));
    assert.ok(!/^HTTP\/1\.[01] 200/.test(onTls), 'the TLS port does not speak plain HTTP');
    assert.equal(await events(), before, 'nobody looked at it');
});

test('S1-13 (part): TLS 1.2 and 1.3 are spoken, 1.3 by default, nothing older', async () => {
    assert.equal(await handshake('TLSv1.3'), 'TLSv1.3');
    assert.equal(await handshake('TLSv1.2'), 'TLSv1.2');
    assert.match(await handshake('TLSv1.1'), /^refused/);
    assert.match(await handshake('TLSv1'), /^refused/);
    const open = await new Promise((good) => {
        const socket = tls.connect({
            host: '127.0.0.1', port: house.port, servername: 'sallyport.localhost', ca: readFileSync(house.ca),
        }, () => { good(socket.getProtocol()); socket.destroy(); });
    });
    assert.equal(open, 'TLSv1.3');
});

test('S1-13 (part): a one-time code, a recovery code, a ticket and a handoff are each accepted once', async () => {
    const {erik, anna} = people;
    const signIn = async (code) => {
        const client = house.client();
        await client.expect('POST', '/api/sign-in', {login_name: 'erik', passphrase: erik.passphrase});
        return (await client.request('POST', '/api/sign-in/code', {json: {code}})).status;
    };
    const code = await house.freshCode(erik);
    assert.equal(await signIn(code), 200);
    assert.equal(await signIn(code), 401, 'the same code again');
    assert.equal(await signIn(erik.recoveryCodes[5]), 200);
    assert.equal(await signIn(erik.recoveryCodes[5]), 401, 'the same recovery code again');

    await house.stepUp(anna);
    const made = await anna.client.expect('POST', '/api/users', {
        login_name: 'nils', display_name: 'Nils', role: 'engineer', ...proofed,
    });
    const redeem = async () => (await house.client().request('POST', '/api/enrolment', {json: {ticket: made.ticket.code}})).status;
    assert.equal(await redeem(), 200);
    assert.equal(await redeem(), 403, 'the same ticket again');

    const client = await house.signIn(erik);
    const asked = await client.request('GET', device(), {headers: {accept: 'text/html'}});
    const {address} = (await client.handOff(asked.headers.location)).json;
    assert.match(address, /code=/);
    const first = await client.request('GET', address, {headers: {accept: 'text/html'}});
    assert.equal(first.status, 303);
    const again = await client.request('GET', address, {headers: {accept: 'text/html'}});
    assert.ok(again.status >= 400, `the same handoff again: ${again.status}`);
});

test('S2-23 (part): a device session begins with a person\'s own two factors, and a copied handoff or foreign token begins none', async () => {
    const {erik} = people;
    const before = house.pumpBytes().length;
    // The handoff that one browser asked for is worth nothing in another.
    const mine = await house.signIn(erik);
    const asked = await mine.request('GET', device(), {headers: {accept: 'text/html'}});
    const {address} = (await mine.handOff(asked.headers.location)).json;
    const thief = house.client();
    const stolen = await thief.request('GET', address, {headers: {accept: 'text/html'}});
    assert.ok(stolen.status >= 400, String(stolen.status));
    // Nor is the sign-in host's cookie a device's, nor a command line's token a cookie.
    const jar = mine.cookies.get('sallyport.localhost');
    const copied = house.client();
    copied.cookies.set('pump-07.gate.localhost', new Map([
        ['__Host-sallyport', jar.get('__Host-sallyport')],
        ['__Host-sallyport-device', jar.get('__Host-sallyport')],
    ]));
    assert.ok(outside(await copied.request('GET', device())));
    const terminal = house.client();
    await terminal.expect('POST', '/api/sign-in', {login_name: 'erik', passphrase: erik.passphrase, channel: 'cli'});
    const {token} = await terminal.expect('POST', '/api/sign-in/code', {code: await house.freshCode(erik), channel: 'cli'});
    assert.ok(token);
    for (const headers of [
        {cookie: `__Host-sallyport-device=${token}`}, {authorization: `Bearer ${token}`}, {cookie: `__Host-sallyport=${token}`},
    ]) {
        assert.ok(outside(await house.client().request('GET', device(), {headers})), Object.keys(headers)[0]);
    }
    // Half a sign-in is none.
    const half = house.client();
    await half.expect('POST', '/api/sign-in', {login_name: 'erik', passphrase: erik.passphrase});
    assert.ok(outside(await half.request('GET', device())));
    assert.equal(house.pumpBytes().length, before, 'the pump received nothing');

    const fresh = await house.signIn(erik);
    assert.equal((await fresh.visit(`${house.deviceOrigin}/`)).status, 200);
    await people.otto.client.expect('GET', '/api/session');
    const {events} = await people.otto.client.expect('GET', '/api/audit?type=pam.connect&count=5');
    const opened = events.find((event) => event.type === 'pam.connect');
    assert.equal(opened.who, 'erik');
    assert.equal(opened.factor, 'pwd+otp');
});

test('S1-05: every person, program and device has a credential of its own, and nothing answers without one', async () => {
    const {anna, erik, otto} = people;
    // A person's factors open that person's account, and no other's.
    const mixed = house.client();
    await mixed.expect('POST', '/api/sign-in', {login_name: 'paula', passphrase: erik.passphrase});
    assert.equal((await mixed.request('POST', '/api/sign-in/code', {json: {code: await house.freshCode(erik)}})).status, 401);
    const other = house.client();
    await other.expect('POST', '/api/sign-in', {login_name: 'paula', passphrase: people.paula.passphrase});
    assert.equal((await other.request('POST', '/api/sign-in/code', {json: {code: await house.freshCode(erik)}})).status, 401);

    // A program's token stands for its owner alone, within their role; it is no browser's cookie, a
    // browser's cookie is no token, and with the program signed out it is nothing.
    const terminal = house.client();
    await terminal.expect('POST', '/api/sign-in', {login_name: 'erik', passphrase: erik.passphrase, channel: 'cli'});
    const {token} = await terminal.expect('POST', '/api/sign-in/code', {code: await house.freshCode(erik), channel: 'cli'});
    const program = (method, path) => house.client().request(method, path, {
        headers: {authorization: `Bearer ${token}`}, ...(method === 'POST' ? {json: {}} : {}),
    });
    const who = await program('GET', '/api/session');
    assert.equal(who.status, 200);
    assert.equal(who.json.login_name, 'erik');
    assert.equal(who.json.role, 'engineer');
    const {sessions} = (await program('GET', '/api/sessions')).json;
    assert.ok(sessions.length > 0 && sessions.every((one) => one.login_name === 'erik'), JSON.stringify(sessions));
    assert.equal((await program('GET', '/api/users')).status, 403, 'no more than its owner\'s role');
    const with_cookie = (name, value) => house.client().request('GET', '/api/session', {headers: {cookie: `${name}=${value}`}});
    assert.equal((await with_cookie('__Host-sallyport', token)).status, 401, 'a token as a cookie');
    const browser = await house.signIn(erik);
    const cookie = browser.cookies.get('sallyport.localhost').get('__Host-sallyport');
    assert.equal((await with_cookie('__Host-sallyport', cookie)).status, 200);
    const as_token = await house.client().request('GET', '/api/session', {headers: {authorization: `Bearer ${cookie}`}});
    assert.equal(as_token.status, 401, 'a cookie as a token');
    assert.equal((await program('POST', '/api/session/end')).status, 200);
    assert.equal((await program('GET', '/api/session')).status, 401, 'a token that was signed out');
    assert.equal((await with_cookie('__Host-sallyport', cookie)).status, 200, 'the browser stays signed in');

    // A device without a credential of its own is not reached with another's.
    anna.client = await house.signIn(anna);
    const second = await anna.client.expect('POST', '/api/devices', {
        name: 'pump-08', serial: 'IP2-0008', address: '127.0.0.1', port: house.pumpPort, archetype: 'A2', ephi: 'none',
    });
    assert.equal(second.name, 'pump-08');
    erik.client = await house.signIn(erik);
    const now = Date.now() + house.offset * 1000;
    const asked = await erik.client.expect('POST', '/api/grants', {
        device: 'pump-08', purpose: 'Look at the second pump', change_ticket: 'CHG-2',
        from: new Date(now).toISOString(), until: new Date(now + 3600_000).toISOString(),
    });
    people.paula.client = await house.signIn(people.paula);
    await people.paula.client.expect('POST', `/api/grants/${asked.id}/approve`, {reason: 'Planned'});
    const before = house.pumpBytes().length;
    const none = await erik.client.visit(`https://pump-08.gate.localhost:${house.port}/infusion`);
    assert.equal(none.status, 503, none.body.toString().slice(0, 300));
    assert.match(none.body.toString(), /credential/i);
    assert.equal(house.pumpBytes().length, before, 'the other pump\'s password was not tried');

    // The server listens where the configuration says, nowhere else, and on no other kind of socket.
    const listening = execFileSync('ss', ['-Htlnp']).toString().split('\n')
        .filter((line) => line.includes(`pid=${house.server.pid},`))
        .map((line) => Number(line.trim().split(/\s+/)[3].split(':').pop()));
    assert.deepEqual([...new Set(listening)].sort(), [house.port, redirectPort].sort());
    const local = execFileSync('ss', ['-Hxlnp']).toString().split('\n')
        .filter((line) => line.includes(`pid=${house.server.pid},`));
    // The test binary's clock, which the shipped one lacks (gates_totp.test.mjs).
    assert.equal(local.filter((line) => !line.includes(house.clockSocket)).length, 0, local.join('\n'));

    // And what listens answers nobody unknown, but for the pages that are for them.
    otto.client = await house.signIn(otto);
    const document = readFileSync(new URL('../../docs/openapi.yaml', import.meta.url), 'utf8');
    let path, method, asked_of = 0;
    for (const line of document.split('\n')) {
        const found = line.match(/^ {2}(\/\S*):$/);
        if (found) path = found[1].replace(/\{\w+\}/g, 'x');
        const verb = line.match(/^ {4}(get|post):$/);
        if (verb) method = verb[1].toUpperCase();
        if (line.trim() !== 'x-access: session') continue;
        const answer = await house.client().request(method, path, method === 'POST' ? {json: {}} : {});
        assert.equal(answer.status, 401, `${method} ${path}`);
        ++asked_of;
    }
    assert.ok(asked_of > 30, String(asked_of));
});

test('S0-66, S0-78: looking at a visit, ending it, showing and exporting its recording are each on record by name', async () => {
    const {erik, paula, otto} = people;
    otto.client = await house.signIn(otto);
    erik.client = await house.signIn(erik);
    assert.equal((await erik.client.visit(`${house.deviceOrigin}/infusion`)).status, 200);
    paula.client = await house.signIn(paula);
    const {connections} = await paula.client.expect('GET', '/api/connections');
    const visit = connections.find((one) => one.login_name === 'erik' && one.device === 'pump-07');
    assert.ok(visit, JSON.stringify(connections));
    await paula.client.expect('POST', `/api/connections/${visit.id}/end`, {});
    const sealed = await house.until('the recording is sealed', async () => {
        const {recordings} = await otto.client.expect('GET', '/api/recordings');
        return recordings.find((one) => one.id === visit.id && one.state === 'sealed');
    });
    // Each look is an event of its own, be it at the page or through the API.
    const looks = async () => {
        const {events} = await otto.client.expect('GET', '/api/audit?type=rec.viewed&count=20');
        return events.filter((one) => one.who === 'otto' && one.object === `recording:${sealed.id}`).length;
    };
    assert.equal(await looks(), 0);
    await otto.client.expect('GET', `/api/recordings/${sealed.id}`);
    assert.equal(await looks(), 1);
    const page = await otto.client.request('GET', `/recordings/${sealed.id}`, {headers: {accept: 'text/html'}});
    assert.equal(page.status, 200);
    assert.match(page.body.toString(), /<td>GET [^<]+<\/td>/);
    assert.equal(await looks(), 2);

    // An export asks again who one is, and says how much left, of what, and where to.
    await house.advance(301);
    const path = `/api/recordings/${sealed.id}/export`;
    const stale = await otto.client.request('POST', path, {json: {reason: 'Complaint 4711'}});
    assert.equal(stale.status, 401);
    assert.equal(stale.json.reason, 'step_up_required');
    await house.stepUp(otto);
    const har = await otto.client.request('POST', path, {json: {reason: 'Complaint 4711'}});
    assert.equal(har.status, 200);
    const rows = JSON.parse(har.body).log.entries.length;
    assert.ok(rows > 0);

    const event = async (type, who) => {
        const {events} = await otto.client.expect('GET', `/api/audit?type=${type}&count=20`);
        const found = events.find((one) => one.who === who);
        assert.ok(found, `${type} by ${who}`);
        assert.match(found.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        assert.equal(found.outcome, 'success');
        assert.ok(found.factor.includes('otp'));
        const shown = await otto.client.expect('GET', `/api/audit/${found.id}`);
        const leaf = JSON.parse(shown.leaf);
        assert.ok(leaf.who.person && leaf.who.account && !leaf.who.system);
        assert.ok(['synchronised', 'unsynchronised'].includes(leaf.clock));
        return leaf;
    };
    assert.equal((await event('pam.live_monitor', 'paula')).fields.mode, 'terminate');
    assert.equal((await event('rec.viewed', 'otto')).what.object, `recording:${sealed.id}`);
    const exported = await event('rec.exported', 'otto');
    assert.equal(exported.what.object, `recording:${sealed.id}`);
    assert.equal(exported.fields.destination, 'download');
    assert.equal(exported.fields.filter, `recording:${sealed.id}`);
    assert.equal(exported.fields.rows, rows);
    assert.equal(exported.fields.why, 'Complaint 4711');

    await otto.client.request('POST', '/api/audit/export', {json: {type: 'rec.'}});
    const log = await event('audit.exported', 'otto');
    assert.match(log.fields.range, /^events 0 to \d+(, \d+ not yet numbered)?; type begins with "rec\."$/);
    assert.ok(log.fields.rows > 0);
    assert.equal(log.fields.destination, 'download');
});

test('S0-79: the command line names the first event that was changed, deleted or cut, and the anchor finds the rollback', async () => {
    const site = join(house.folder, 'site');
    const kept = join(house.folder, 'kept');
    const config = join(site, 'sallyport.toml');
    const verify = async (...more) => {
        const done = await house.sallyport(['audit', 'verify', '--json', ...more]);
        return {...done, report: JSON.parse(done.out)};
    };
    const put_back = () => {
        rmSync(site, {recursive: true});
        cpSync(kept, site, {recursive: true});
    };
    // As somebody does who has the file and no use for triggers.
    const tamper = (statement) => execFileSync('python3', ['-c', [
        'import sqlite3, sys',
        'db = sqlite3.connect(sys.argv[1])',
        'names = db.execute("SELECT name FROM sqlite_master WHERE type = \'trigger\'").fetchall()',
        'for (name,) in names: db.execute("DROP TRIGGER " + name)',
        ...statement,
        'db.commit()',
    ].join('\n'), join(site, 'data/sallyport.db')]);

    await house.stop();
    cpSync(site, kept, {recursive: true});
    const sound = await verify('--config', config);
    assert.equal(sound.code, 0, sound.out + sound.err);
    assert.equal(sound.report.first_bad, null);
    const last = sound.report.size - 1;
    for (const at of [0, 12, last]) {
        for (const [name, statement] of Object.entries({
            'one changed byte': [
                `leaf = bytearray(db.execute("SELECT leaf FROM audit_event WHERE leaf_index = ${at}").fetchone()[0])`,
                'leaf[20] ^= 1',
                `db.execute("UPDATE audit_event SET leaf = ? WHERE leaf_index = ${at}", (bytes(leaf),))`,
            ],
            'one deleted row': [`db.execute("DELETE FROM audit_event WHERE leaf_index = ${at}")`],
            'a cut tail': [`db.execute("DELETE FROM audit_event WHERE leaf_index >= ${at}")`],
        })) {
            tamper(statement);
            const found = await verify('--config', config);
            assert.equal(found.code, 1, `${name} at ${at}`);
            assert.equal(found.report.first_bad, at, `${name} at ${at}: ${found.out.slice(0, 400)}`);
            put_back();
        }
    }

    // Database and log put back together to an earlier day: only what was kept elsewhere tells.
    await house.start();
    people.otto.client = await house.signIn(people.otto);
    await house.advance(3601);
    const anchored = () => Math.max(...[...files(join(site, 'anchors'))]
        .filter((path) => path.endsWith('.checkpoint') && !path.includes('/.'))
        .map((path) => Number(readFileSync(path, 'utf8').split('\n')[1])).filter((size) => size > 0));
    await house.until('the next anchor', async () => {
        await new Promise((good) => { setImmediate(good); });
        return anchored() > sound.report.size;
    }, 20);
    await house.stop();
    rmSync(join(site, 'data'), {recursive: true});
    cpSync(join(kept, 'data'), join(site, 'data'), {recursive: true});
    const rolled_back = await verify('--config', config);
    assert.equal(rolled_back.code, 1, rolled_back.out);
    assert.equal(rolled_back.report.first_bad, sound.report.size, rolled_back.out.slice(0, 400));
    const without_anchor = await verify('--log', join(site, 'data/log'));
    assert.equal(without_anchor.code, 0);
    assert.match(without_anchor.report.remarks.join(' '), /rollback|put back/i);
    put_back();
});
