// Backup and restore: sealed, apart from the keys, and held against the anchors.
import assert from 'node:assert/strict';
import {cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House} from './house.mjs';

let house, people, site, backup;

before(async () => {
    house = await House.open();
    people = await house.people();
    site = join(house.folder, 'site');
});

after(async () => { await house?.close(); });

const config = () => join(site, 'sallyport.toml');
const restore = (from, ...more) => house.sallyport(
    ['restore', '--config', config(), '--from', join(house.folder, from), '--reason', 'disk died, ticket CHG-9', ...more]
);

test('a backup is sealed: no name, no key and no database page of it can be read', async () => {
    const made = await people.anna.client.expect('POST', '/api/backups', {});
    backup = made.folder;
    const sealed = readFileSync(join(backup, 'database.sealed'));
    assert.ok(!sealed.includes('SQLite format 3'));
    assert.ok(!sealed.includes('paula'));
    const master = readFileSync(join(site, 'keys/master.key'), 'utf8').trim();
    for (const name of readdirSync(backup)) {
        assert.ok(!readFileSync(join(backup, name)).includes(master), name);
    }
    cpSync(backup, join(house.folder, 'kept'), {recursive: true});
    // The event of the first backup has its number before the second is made.
    await house.until('a number', async () => {
        const {events} = await people.otto.client.expect('GET', '/api/audit?type=backup.made');
        return events[0]?.index !== undefined;
    });
    const later = await people.anna.client.expect('POST', '/api/backups', {});
    cpSync(later.folder, join(house.folder, 'later'), {recursive: true});
});

test('restore refuses to run beside the server, over a database, and with another master key', async () => {
    assert.match((await restore('kept')).err, /in use by another sallyport/);
    await house.stop();
    assert.match((await restore('kept')).err, /move it away first/);
    const other = new House();
    other.folder = join(house.folder, 'other');
    const made = await house.sallyport(['init', '--demo', '--dir', other.folder, '--port', String(house.port)]);
    assert.equal(made.code, 0, made.err);
    const refused = await house.sallyport(
        ['restore', '--config', join(other.folder, 'sallyport.toml'), '--from', join(house.folder, 'kept'), '--reason', 'trying']
    );
    assert.equal(refused.code, 1);
    assert.match(refused.err, /master key is another one/);
});

test('what the anchors know and the backup lacks is named, and only accepted on purpose, by somebody', async () => {
    renameSync(join(site, 'data/sallyport.db'), join(house.folder, 'old.db'));
    for (const more of ['-wal', '-shm']) rmSync(join(site, `data/sallyport.db${more}`), {force: true});
    const refused = await restore('kept');
    assert.equal(refused.code, 1);
    assert.match(refused.err, /were published: \d+ would be lost/);
    const accepted = await restore('kept', '--accept-loss');
    assert.equal(accepted.code, 0, accepted.err);
    await house.start();
    const gone = await people.anna.client.request('GET', '/api/session');
    assert.equal(gone.status, 401, 'what had ended since would be open again');
    const otto = await house.signIn(people.otto);
    const {events} = await otto.expect('GET', '/api/audit?type=backup.restored');
    assert.equal(events.length, 1);
    const told = JSON.stringify(await otto.expect('GET', `/api/audit/${events[0].id}`));
    assert.match(told, /disk died, ticket CHG-9/);
    assert.ok(told.includes(`uid=${process.getuid()}`), told);
    const verified = await house.sallyport(['audit', 'verify', '--config', config()]);
    assert.equal(verified.code, 0, verified.out + verified.err);
});

test('S0-79: a backup of another past is refused, as long as it may be, and no loss can be accepted for it', async () => {
    // The house went on behind the older backup: what "later" holds beyond it never happened here.
    await house.stop();
    mkdirSync(join(house.folder, 'second'));
    for (const more of ['', '-wal', '-shm']) {
        const file = join(site, `data/sallyport.db${more}`);
        if (existsSync(file)) renameSync(file, join(house.folder, 'second', `sallyport.db${more}`));
    }
    for (const accept of [[], ['--accept-loss']]) {
        const refused = await restore('later', ...accept);
        assert.equal(refused.code, 1);
        assert.match(refused.err, /another log than the one that was published: .*checkpoint is signed over \d+ events/);
        assert.ok(!existsSync(join(site, 'data/sallyport.db')));
    }
});
