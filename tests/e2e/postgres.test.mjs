// The server on PostgreSQL 15, as the role that can insert and read audit rows and change none: the
// main job, a database that goes away and comes back, and what that role can't do.
import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House, root} from './house.mjs';

let house, people, erik, folder, socket;
const cluster = (action) => execFileSync('sh', [join(root, 'tests/support/pg_cluster.sh'), action, folder]).toString().trim();

before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-pg-'));
    socket = cluster('start');
    const store = execFileSync('sh', [join(root, 'tests/support/pg_database.sh'), socket, 'gate']).toString();
    house = await House.open({configure: (text) => text + store});
    people = await house.people();
    await house.registerPump(people.anna);
    await house.grant(people);
    erik = people.erik.client;
});

after(async () => {
    await house?.close();
    cluster('stop');
    rmSync(folder, {recursive: true, force: true});
});

const pump = (path) => erik.visit(`${house.deviceOrigin}${path}`);

function psql(role, sql) {
    const done = spawnSync('psql', ['-X', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', socket, '-U', role, '-d', 'gate', '-c', sql]);
    return {code: done.status, out: String(done.stdout).trim(), err: String(done.stderr)};
}

function ask(change_ticket) {
    const now = Date.now() + (house.offset ?? 0) * 1000;
    return erik.request('POST', '/api/grants', {json: {
        device: 'pump-07', purpose: 'Asked while PostgreSQL is away', change_ticket,
        from: new Date(now).toISOString(), until: new Date(now + 60000).toISOString(),
    }});
}

test('the main job on PostgreSQL: sign-in, notice, visit, recording, audit', async () => {
    await erik.expect('POST', '/api/notice', {});
    const page = await pump('/infusion');
    assert.equal(page.status, 200, page.body.toString());
    assert.ok(house.pumpBytes().includes('GET /infusion'), 'the pump was reached');
    assert.ok(!house.exists('site/data/sallyport.db'), 'and nothing of it is in SQLite');
    assert.equal(psql('gate', 'SELECT count(*) FROM connection').out, '1');

    const leaving = await house.signIn(people.erik);
    assert.equal((await leaving.visit(`${house.deviceOrigin}/infusion?sealed`)).status, 200);
    await leaving.expect('POST', '/api/session/end', {});
    const sealed = await house.sealedRecording(people.otto);
    const har = await people.otto.client.request('POST', `/api/recordings/${sealed.id}/export`, {json: {reason: 'PostgreSQL'}});
    assert.equal(har.status, 200);
    assert.ok(har.body.includes('/infusion?sealed'));
    const verified = await house.sallyport(['audit', 'verify', '--config', house.config]);
    assert.equal(verified.code, 0, verified.out + verified.err);
});

test('the server\'s role inserts and reads audit rows, and can change, delete or reach around none', async () => {
    assert.ok(Number(psql('gate', 'SELECT count(*) FROM audit_event').out) > 10);
    for (const sql of [
        "UPDATE audit_event SET outcome = 'success'",
        'DELETE FROM audit_event',
        'TRUNCATE audit_event',
        'ALTER TABLE audit_event DISABLE TRIGGER ALL',
        'DROP TABLE audit_event',
        'CREATE TABLE mine (a int)',
        'SET ROLE gate_owner',
        'SET session_replication_role = replica',
    ]) {
        const done = psql('gate', sql);
        assert.notEqual(done.code, 0, sql);
        assert.match(done.err, /permission denied|must be owner|must be member/, sql);
    }
});

test('PostgreSQL goes down and comes back: requests are refused with the reason, then served again', async () => {
    assert.equal((await ask('PG-before')).status, 201);
    const newcomer = await house.signIn(people.erik);
    cluster('halt');

    const [written, opened, ready] = await Promise.all([
        ask('PG-during'),
        newcomer.request('GET', `${house.deviceOrigin}/infusion`, {headers: {accept: 'text/html'}}),
        house.client().request('GET', '/health/ready'),
    ]);
    assert.equal(written.status, 503, `${written.body} ${house.log.slice(-1500)}`);
    assert.match(written.json.title, /can't do this right now/);
    await house.until('the incident to be in the log', () => house.log.includes(written.json.incident));
    assert.match(house.log, /nothing was done/);
    assert.notEqual(opened.status, 200);
    assert.equal(ready.status, 503);
    const before = house.pumpBytes().length;
    const landed = await newcomer.visit(`${house.deviceOrigin}/infusion?closed`);
    assert.notEqual(landed.status, 200, 'fails closed');
    assert.equal(house.pumpBytes().length, before);

    cluster('resume');
    await house.until('it is ready again', async () =>
        (await house.client().request('GET', '/health/ready')).status === 200, 20);
    assert.equal((await ask('PG-after')).status, 201);
    const {grants} = await erik.expect('GET', '/api/grants');
    const known = new Set(grants.map((grant) => grant.change_ticket));
    assert.ok(known.has('PG-before') && known.has('PG-after') && !known.has('PG-during'));
    assert.equal((await pump('/infusion?after')).status, 200);
    const verified = await house.sallyport(['audit', 'verify', '--config', house.config]);
    assert.equal(verified.code, 0, verified.out + verified.err);
});

test('connections that PostgreSQL ends one by one lose nothing', async () => {
    for (let round = 0; round < 5; ++round) {
        const asked = ask(`PG-ended-${round}`);
        psql('postgres', "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'gate'");
        const answer = await asked;
        // 500: lost in the middle of the commit, which nobody can know the end of.
        assert.ok([201, 500, 503].includes(answer.status), `${answer.status} ${answer.body}`);
        if (answer.status !== 201) continue;
        const {grants} = await erik.expect('GET', '/api/grants');
        assert.ok(grants.some((grant) => grant.change_ticket === `PG-ended-${round}`));
    }
    await house.restart('SIGKILL');
    assert.equal((await ask('PG-killed')).status, 201);
    await house.stop();
    const verified = await house.sallyport(['audit', 'verify', '--config', house.config]);
    assert.equal(verified.code, 0, verified.out + verified.err);
});
