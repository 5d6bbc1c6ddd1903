// Exports at the terminal: whole or not there, whatever happens on the way.
import assert from 'node:assert/strict';
import {existsSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import https from 'node:https';
import {once} from 'node:events';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House} from './house.mjs';

let house, people, session;

before(async () => {
    house = await House.open();
    people = await house.people();
    await house.registerPump(people.anna);
    await house.grant(people);
    const {client} = people.erik;
    await client.expect('POST', '/api/notice', {});
    await client.visit(`${house.deviceOrigin}/`);
    await client.expect('POST', '/api/session/end', {});

    // As `sallyport login` leaves it.
    const otto = house.client();
    await otto.expect('POST', '/api/sign-in', {login_name: 'otto', passphrase: people.otto.passphrase});
    const code = await house.freshCode(people.otto);
    const {token} = await otto.expect('POST', '/api/sign-in/code', {code, channel: 'cli'});
    session = join(house.folder, 'session.json');
    writeFileSync(session, JSON.stringify({server: house.origin, ca_file: house.ca, token}), {mode: 0o600});
    people.otto.client = await house.signIn(people.otto);
});

after(async () => { await house?.close(); });

const otto = (...commandLine) => house.sallyport(commandLine, {env: {SALLYPORT_SESSION: session}});

test('a recording and the audit log are exported to private files, and never over others', async () => {
    const recording = await house.sealedRecording(people.otto);
    const har = join(house.folder, 'visit.har');
    const shown = await otto('recording', 'show', recording.id);
    assert.equal(shown.code, 0, shown.err);
    assert.match(shown.out, /GET/);
    const made = await otto('recording', 'export', recording.id, '--format', 'har', '--reason', 'Review', '-o', har);
    assert.equal(made.code, 0, made.err);
    const {log} = JSON.parse(readFileSync(har, 'utf8'));
    assert.ok(log.entries.length > 0);
    assert.equal(log._integrity.whole, true);
    assert.equal(statSync(har).mode & 0o777, 0o600);
    assert.ok(!existsSync(`${har}.part`));
    const again = await otto('recording', 'export', recording.id, '--reason', 'Review', '-o', har);
    assert.equal(again.code, 1);
    assert.match(again.err, /exists; nothing is overwritten/);

    const ndjson = join(house.folder, 'audit.ndjson');
    const taken = await otto('audit', 'export', '--type', 'rec.', '-o', ndjson);
    assert.equal(taken.code, 0, taken.err);
    const lines = readFileSync(ndjson, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    assert.ok(lines.some((line) => line.type === 'rec.exported'));
    assert.ok(lines.every((line) => line.type.startsWith('rec.')));
    // The refused one asked for nothing: what was not to be written did not leave.
    assert.equal(lines.filter((line) => line.type === 'rec.exported').length, 1);
    const {events} = await people.otto.client.expect('GET', '/api/audit?type=audit.exported');
    const noted = await people.otto.client.expect('GET', `/api/audit/${events[0].id}`);
    assert.match(noted.leaf, /events 0 to \d+.*type begins with \\"rec\.\\"/);
});

test('an export that breaks off on its way ends in an error and leaves no file', async () => {
    await house.stop();
    // In the server's place one that begins an answer and breaks it off.
    const config = readFileSync(join(house.folder, 'site/sallyport.toml'), 'utf8');
    const file = (name) => {
        const [, path] = config.match(new RegExp(`^${name} = "(tls/.*)"`, 'm'));
        return readFileSync(join(house.folder, 'site', path));
    };
    const server = https.createServer({cert: file('certificate'), key: file('key')}, (request, response) => {
        response.writeHead(200, {'content-type': 'application/json'});
        response.write('{"log":{"version":"1.2","entries":[', () => response.socket.destroy());
    });
    server.listen(house.port, '127.0.0.1');
    await once(server, 'listening');
    const half = join(house.folder, 'half');
    mkdirSync(half);
    for (const commandLine of [
        ['recording', 'export', 'any', '--reason', 'Review', '-o', join(half, 'visit.har')],
        ['audit', 'export', '-o', join(half, 'audit.ndjson')],
    ]) {
        const broken = await otto(...commandLine);
        assert.equal(broken.code, 1, broken.out + broken.err);
        assert.match(broken.err, /the answer broke off before its end/);
        assert.ok(!existsSync(commandLine.at(-1)));
        assert.ok(!existsSync(`${commandLine.at(-1)}.part`));
    }
    server.close();
});
