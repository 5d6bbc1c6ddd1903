// A PostgreSQL database that its own tools have put back: behind its published log it is read-only, and
// `sallyport restore` takes it into use, with what is lost on record.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House, root} from './house.mjs';

let house, people, folder, socket, dump, log, anchors;
const cluster = (action) => execFileSync('sh', [join(root, 'tests/support/pg_cluster.sh'), action, folder]).toString().trim();

before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-pg-'));
    socket = cluster('start');
    const store = execFileSync('sh', [join(root, 'tests/support/pg_database.sh'), socket, 'gate']).toString();
    house = await House.open({configure: (text) => text + store});
    people = await house.people();
    dump = join(house.folder, 'gate.dump');
    log = join(house.folder, 'site/data/log');
    anchors = join(house.folder, 'site/anchors');
});

after(async () => {
    await house?.close();
    cluster('stop');
    rmSync(folder, {recursive: true, force: true});
});

const as = (program, ...words) => execFileSync(program, ['-h', socket, '-U', 'postgres', ...words]);

function putBack() {
    as('psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-c', 'DROP DATABASE gate WITH (FORCE)', '-c', 'CREATE DATABASE gate OWNER gate_owner');
    as('pg_restore', '-d', 'gate', '--exit-on-error', dump);
}

const restore = (...more) => house.sallyport(['restore', '--config', house.config, '--reason', 'disk died, CHG-9', ...more]);
const verify = () => house.sallyport(['audit', 'verify', '--config', house.config]);
const ready = async () => (await house.client().request('GET', '/health/ready')).status;
const published = (where) => Number(readFileSync(join(where, 'checkpoint'), 'utf8').split('\n')[1]);
const aside = (where) => readdirSync(where).filter((name) => name.startsWith('lost.'));

test('a database that was put back behind its log is read-only, and the alarm says so', async () => {
    await house.until('the log to be published', () => existsSync(join(log, 'checkpoint')));
    as('pg_dump', '-Fc', '-f', dump, 'gate');
    const size = published(log);
    await people.anna.client.expect('POST', '/api/users', {login_name: 'nina', display_name: 'Nina New', role: 'engineer'});
    await house.until('more to be published', () => published(log) > size);
    await house.advance(61);
    await house.until('an anchor of it', () => published(anchors) > size);
    await house.stop();

    putBack();
    await house.start();
    assert.match(house.log, /does not agree with the database \(audit\.database_behind\)/);
    assert.equal(await ready(), 503);
    const refused = await people.anna.client.request('POST', '/api/users', {
        json: {login_name: 'nora', display_name: 'Nora New', role: 'engineer'},
    });
    assert.ok(refused.status >= 400, `${refused.status}`);
    assert.match((await restore()).err, /in use by another sallyport/);
    await house.stop();
});

test('restore says what would be lost, and takes the database into use only if that is accepted', async () => {
    assert.match((await restore('--from', house.folder)).err, /on PostgreSQL restore takes no --from/);
    const refused = await restore();
    assert.equal(refused.code, 1);
    assert.match(refused.err, /were published: \d+ would be lost/);
    assert.deepEqual([...aside(log), ...aside(anchors)], []);

    const accepted = await restore('--accept-loss');
    assert.equal(accepted.code, 0, accepted.err);
    assert.equal(aside(log).length, 1);
    assert.equal(aside(anchors).length, 1);
    await house.start();
    assert.equal(await ready(), 200);
    assert.equal((await people.otto.client.request('GET', '/api/session')).status, 401, 'everybody was signed out');
    people.otto.client = await house.signIn(people.otto);
    const {events} = await people.otto.client.expect('GET', '/api/audit?type=backup.restored');
    assert.equal(events.length, 1);
    const told = JSON.stringify(await people.otto.client.expect('GET', `/api/audit/${events[0].id}`));
    assert.match(told, /disk died, CHG-9/);
    assert.ok(told.includes(`uid=${process.getuid()}`), told);
    people.anna.client = await house.signIn(people.anna);
    const {users} = await people.anna.client.expect('GET', '/api/users');
    assert.ok(!users.some((user) => user.login_name === 'nina'), 'as it was at the dump');
    await house.stop();
    const verified = await verify();
    assert.equal(verified.code, 0, verified.out + verified.err);
});

test('a database that is all that was published is taken without a loss, and another past never', async () => {
    as('pg_dump', '-Fc', '-f', dump, 'gate');
    putBack();
    const whole = await restore();
    assert.equal(whole.code, 0, whole.err);
    assert.equal(aside(log).length, 1, 'nothing more was put aside');
    await house.start();
    await house.signIn(people.otto);
    await house.stop();
    assert.equal((await verify()).code, 0);

    // The dump goes on in a way of its own, elsewhere, and comes back as long as the log is here.
    putBack();
    const away = join(house.folder, 'away');
    execFileSync('cp', ['-r', join(house.folder, 'site'), away]);
    const elsewhere = house.config;
    house.config = join(away, 'sallyport.toml');
    for (const held of ['data/log', 'anchors']) {
        rmSync(join(away, held), {recursive: true});
        mkdirSync(join(away, held), {mode: 0o700});
    }
    await house.start();
    for (let times = 0; times < 3; ++times) await house.signIn(people.erik);
    await house.stop();
    house.config = elsewhere;
    const fork = await restore('--accept-loss');
    assert.equal(fork.code, 1);
    assert.match(fork.err, /another log than the one that was published/);
});
