// The key that signs the audit log gets a successor, and is lost: what was signed before is verified
// with the verifier key of before, and the house goes on.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {copyFileSync, cpSync, existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House, root} from './house.mjs';

let house, people, original, log, anchors, keys;

before(async () => {
    house = await House.open();
    people = await house.people();
    log = join(house.folder, 'site/data/log');
    anchors = join(house.folder, 'site/anchors');
    keys = join(house.folder, 'site/keys');
    original = vkey();
});

after(async () => { await house?.close(); });

const vkey = () => readFileSync(join(log, 'vkey'), 'utf8').trim();
const rotate = (reason) => house.sallyport(['audit', 'rotate-key', '--config', house.config, '--reason', reason]);
const offline = (key, folder = log) => house.sallyport(
    ['audit', 'verify', '--log', folder, '--anchors', anchors, '--key', key]
);
const withDatabase = (key) => house.sallyport(['audit', 'verify', '--config', house.config, '--key', key]);

async function sound(verified) {
    const done = await verified;
    assert.equal(done.code, 0, done.out + done.err);
}

// Somebody signs in, and what that leaves is published and anchored.
async function signedIn() {
    const size = () => Number(readFileSync(join(log, 'checkpoint'), 'utf8').split('\n')[1]);
    const known = size();
    people.otto.client = await house.signIn(people.otto);
    await house.until('more to be published', () => size() > known);
    await house.advance(61);
    await house.until('an anchor', () => existsSync(join(anchors, 'checkpoint')) &&
        Number(readFileSync(join(anchors, 'checkpoint'), 'utf8').split('\n')[1]) > known);
}

test('the log gets a new key, on a stopped server, and whoever has the first one verifies all of it', async () => {
    await signedIn();
    assert.match((await rotate('yearly')).err, /in use by another sallyport/);
    await house.stop();
    const before = readFileSync(join(keys, 'log.key'), 'utf8');
    const rotated = await rotate('yearly, CHG-7');
    assert.equal(rotated.code, 0, rotated.err);
    assert.notEqual(vkey(), original);
    assert.ok(rotated.out.includes(vkey()) && rotated.out.includes(original), rotated.out);

    const names = readdirSync(keys).filter((name) => name.startsWith('log.key')).sort();
    assert.equal(names.length, 2, names.join());
    assert.match(names[1], /^log\.key\.old-[0-9a-f]{8}$/);
    assert.equal(readFileSync(join(keys, names[1]), 'utf8'), before);
    assert.notEqual(readFileSync(join(keys, 'log.key'), 'utf8'), before);
    assert.equal(statSync(join(keys, 'log.key')).mode & 0o777, 0o600);

    await house.start();
    await signedIn();
    const {events} = await people.otto.client.expect('GET', '/api/audit?type=key.rotated');
    assert.equal(events.length, 1);
    const told = JSON.stringify(await people.otto.client.expect('GET', `/api/audit/${events[0].id}`));
    for (const part of ['yearly, CHG-7', original, vkey(), `uid=${process.getuid()}`]) {
        assert.ok(told.includes(part), `${part} in ${told}`);
    }
    await house.stop();
    for (const key of [original, vkey()]) {
        await sound(offline(key));
        await sound(withDatabase(key));
    }
    const stranger = join(root, 'tests/integration/stranger/verify_audit_log.py');
    execFileSync('python3', [stranger, log, '--key', original, '--anchors', anchors]);
});

test('a server with the key of before says that it is retired, and signs nothing', async () => {
    const old = readdirSync(keys).find((name) => name.startsWith('log.key.old-'));
    renameSync(join(keys, 'log.key'), join(keys, 'new'));
    copyFileSync(join(keys, old), join(keys, 'log.key'));
    const checkpoint = readFileSync(join(log, 'checkpoint'), 'utf8');
    await house.start();
    assert.match(house.log, /audit\.key_retired/);
    assert.equal((await house.client().request('GET', '/health/ready')).status, 503);
    await house.stop();
    assert.equal(readFileSync(join(log, 'checkpoint'), 'utf8'), checkpoint);
    assert.match((await rotate('again')).err, /was replaced by .* put that key's file in its place/);

    // As a rotation that was cut off before its last step has left it: the next one ends it.
    renameSync(join(keys, 'new'), join(keys, 'log.key.next'));
    const rotated = await rotate('power cut');
    assert.equal(rotated.code, 0, rotated.err);
    assert.equal(readdirSync(join(log, 'rotations')).length, 1);
    await house.start();
    await signedIn();
    await house.stop();
    await sound(offline(original));
});

test('a second key follows the first, and a changed byte is still found', async () => {
    writeFileSync(join(keys, 'log.key.next'), 'half a key', {mode: 0o600});  // a try that was cut off early
    assert.equal((await rotate('somebody may have read it')).code, 0);
    await house.start();
    await signedIn();
    await house.stop();
    await sound(offline(original));
    await sound(withDatabase(original));

    const changed = join(house.folder, 'changed');
    cpSync(log, changed, {recursive: true});
    const entries = join(changed, 'tile/entries');
    const partial = join(entries, readdirSync(entries).find((name) => name.endsWith('.p')));
    for (const name of readdirSync(partial)) {
        const bytes = readFileSync(join(partial, name));
        bytes[bytes.indexOf('"outcome":"success"') + 12] ^= 1;
        writeFileSync(join(partial, name), bytes);
    }
    const found = await offline(original, changed);
    assert.equal(found.code, 1);
    assert.match(found.out, /entry_changed/);

    const forged = join(house.folder, 'forged');
    cpSync(log, forged, {recursive: true});
    const link = join(forged, 'rotations/0001');
    writeFileSync(link, readFileSync(link, 'utf8').replace(/^\d+$/m, (size) => String(Number(size) + 1)));
    assert.match((await offline(original, forged)).out, /key_chain_broken/);
});

test('a log key that is lost: the old log stays verifiable, and a new one begins as the manual says', async () => {
    const aside = join(anchors, 'old-key');
    const last = vkey();
    rmSync(join(keys, 'log.key'));
    execFileSync('sh', ['-c', `set -e; umask 077
        mv '${log}' '${log}.old-key'
        mkdir '${aside}'; mv '${anchors}'/*checkpoint '${aside}'
        openssl rand -hex 32 > '${keys}/log.key'`]);
    await house.start();
    await signedIn();
    const {events} = await people.otto.client.expect('GET', '/api/audit?type=audit.anchor');
    assert.ok(events.some((event) => event.reason === 'audit.anchor_missing'));
    await house.stop();
    assert.notEqual(vkey(), last);
    await sound(withDatabase(vkey()));
    assert.equal((await offline(original)).code, 1, 'the first key says nothing of the new log');
});
