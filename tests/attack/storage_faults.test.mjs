// A database that somebody holds, a disk that is full, an fsync that fails, a recorder that fails in
// the middle of a visit. Nothing that was acknowledged is lost, nothing passes unrecorded, people are
// told, and after a restart the audit log verifies.
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {once} from 'node:events';
import {join} from 'node:path';
import {afterEach, test} from 'node:test';
import {House} from '../e2e/house.mjs';
import {ScriptedDevice} from './scripted_device.mjs';

const root = new URL('../..', import.meta.url).pathname;
let house, people, erik;
let tidy = [];

afterEach(async () => {
    await house?.close();
    for (const undo of tidy.reverse()) await undo();
    tidy = [];
    house = undefined;
});

async function open(options = {}) {
    house = await House.open(options);
    people = await house.people();
    await house.registerPump(people.anna, undefined, options.device ? {port: options.device.port} : {});
    await house.grant(people);
    if (options.settled) await settle();
    erik = people.erik.client;
    await erik.expect('POST', '/api/notice', {});
    assert.equal((await pump('/infusion?first')).status, 200);
}

// After a restart the database's log is copied into its file, and the next copying is 4 MB away. In the
// middle of a test on a disk with 1 MiB left, it would be the copying that fills the disk, at once.
async function settle() {
    await house.stop();
    await house.start();
}

const pump = (path, options) => erik.visit(`${house.deviceOrigin}${path}`, options);

// A change that is worth something: acknowledged or refused, nothing between.
function ask(change_ticket, client = people.erik.client) {
    const now = Date.now() + (house.offset ?? 0) * 1000;
    return client.request('POST', '/api/grants', {json: {
        device: 'pump-07', purpose: 'Asked while the storage fails', change_ticket,
        from: new Date(now).toISOString(), until: new Date(now + 60000).toISOString(),
    }});
}

async function tickets() {
    const all = new Set();
    for (let after = ''; after !== undefined;) {
        const {grants, next} = await people.erik.client.expect('GET', `/api/grants?count=1000${after && `&after=${after}`}`);
        for (const grant of grants) all.add(grant.change_ticket);
        after = next;
    }
    return all;
}

async function auditVerifies() {
    await house.stop();
    const verified = await house.sallyport(['audit', 'verify', '--config', house.config]);
    assert.equal(verified.code, 0, verified.out + verified.err);
    await house.start();
}

async function harOf(id) {
    people.otto.client = await house.signIn(people.otto);
    const har = await people.otto.client.request('POST', `/api/recordings/${id}/export`, {json: {reason: 'After a fault'}});
    assert.equal(har.status, 200, har.body.toString().slice(0, 300));
    return har;
}

test('database locked by another process: writers are told, readers and visits go on, nothing is lost', async () => {
    await open();
    assert.equal((await ask('LOCK-before')).status, 201);
    const holder = spawn('python3', ['-c', `
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute('BEGIN IMMEDIATE')
print('held', flush=True)
sys.stdin.read()
held.execute('ROLLBACK')
print('free', flush=True)
sys.stdin.close()
`, join(house.folder, 'site/data/sallyport.db')], {stdio: ['pipe', 'pipe', 'inherit']});
    tidy.push(() => holder.kill());
    await once(holder.stdout, 'data');

    const written = ask('LOCK-during');
    const opened = house.client();  // the same person elsewhere, whose visit would be new
    const signedIn = opened.request('POST', '/api/sign-in', {json: {login_name: 'erik', passphrase: people.erik.passphrase}});
    assert.ok((await tickets()).has('LOCK-before'), 'reading goes on');
    assert.equal((await pump('/infusion?locked')).status, 200, 'a visit goes on');

    for (const answer of [await written, await signedIn]) {
        assert.equal(answer.status, 503, answer.body.toString());
        assert.equal(answer.json.type, 'urn:sallyport:incident');
        assert.match(answer.json.title, /can't do this right now/);
        await house.until('the incident to be in the log', () => house.log.includes(answer.json.incident));
    }
    assert.match(house.log, /another process holds the lock; nothing was done/);

    holder.stdin.end();
    await once(holder, 'exit');
    assert.equal((await ask('LOCK-after')).status, 201, 'and it goes on without a restart');
    const known = await tickets();
    assert.ok(known.has('LOCK-before') && known.has('LOCK-after') && !known.has('LOCK-during'));
    await auditVerifies();
});

test('a visit that would begin while the database is locked is refused with a page that says so', async () => {
    await open();
    await erik.expect('POST', '/api/session/end', {});
    erik = await house.signIn(people.erik);
    const landed = await erik.request('GET', `${house.deviceOrigin}/`, {headers: {accept: 'text/html'}});
    assert.equal(landed.status, 303);
    const {address} = (await erik.handOff(landed.headers.location)).json;
    const holder = spawn('sqlite3', [join(house.folder, 'site/data/sallyport.db')], {stdio: ['pipe', 'pipe', 'inherit']});
    tidy.push(() => holder.kill());
    holder.stdin.write(".timeout 10000\nBEGIN IMMEDIATE;\nSELECT 'held';\n");
    await once(holder.stdout, 'data');
    const before = house.pumpBytes().length;
    const refused = await erik.request('GET', address, {headers: {accept: 'text/html'}});
    assert.equal(refused.status, 503, refused.body.toString());
    assert.match(refused.body.toString(), /database does not answer.*Try again in a moment/s);
    assert.equal(house.pumpBytes().length, before);
    holder.stdin.end('ROLLBACK;\n');
    await once(holder, 'exit');
    assert.equal((await pump('/infusion?after')).status, 200);
});

// A file system of its own for what the server keeps; needs root.
function smallDisk(bytes) {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-disk-'));
    try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=0700`, 'sallyport-test', folder], {stdio: 'pipe'});
    } catch (error) {
        rmSync(folder, {recursive: true});
        return undefined;
    }
    tidy.push(() => {
        execFileSync('umount', ['-l', folder]);
        rmSync(folder, {recursive: true, force: true});
    });
    return folder;
}

test('S2-26 (part): disk full: no new visit, running ones end cleanly, nothing acknowledged is lost', async (t) => {
    const disk = smallDisk(420 << 20);
    if (!disk) return t.skip('a small file system can be mounted by root only');
    await open({settled: true, configure: (text) => text.replace('data_dir = "data"', `data_dir = "${disk}"`) +
        '\n[recording]\nreserve_bytes = 16777216\n'});
    const room = () => { const facts = statfsSync(disk); return facts.bavail * facts.bsize; };
    assert.ok(room() > 300 << 20, 'there is room to begin with');
    const fill = (name, bytes) => execFileSync('fallocate', ['-l', String(bytes), join(disk, name)], {stdio: 'pipe'});

    // Less than what a new visit asks for: the running one goes on, a new one is refused.
    fill('ballast', room() - (200 << 20));
    const other = await house.signIn(people.erik);
    const refused = await other.visit(`${house.deviceOrigin}/infusion`);
    assert.equal(refused.status, 503);
    assert.match(refused.body.toString(), /No visit may begin: recording lacks room.*Tell whoever operates Sallyport.*recorder\.disk_reserve/s);
    assert.equal((await pump('/infusion?less-room')).status, 200);

    // Full to the last page, under load, until nothing is accepted any more.
    const acknowledged = [];
    const served = [];
    fill('more-ballast', Math.max(4096, room() - (1 << 20)));
    const filler = Buffer.alloc(4096);
    for (let number = 0, refusals = 0; refusals < 3 && number < 3000; ++number) {
        const asked = await ask(`FULL-${number}`);
        if (asked.status === 201) acknowledged.push(`FULL-${number}`);
        const visited = await pump(`/infusion?full=${number}&${'x'.repeat(4000)}`).catch((error) => error);
        if (visited.status === 200) served.push(`full=${number}&`);
        if (asked.status === 503 && visited.status !== 200) ++refusals;
        try { writeFileSync(join(disk, `crumb-${number}`), filler); } catch { /* it is full */ }
        if (asked.status === 429) await house.advance(60);
    }
    assert.ok(served.length > 0, 'the visit went on for a while');
    const late = await ask('FULL-late');
    assert.equal(late.status, 503, 'the full disk was reached');
    assert.ok(late.json.incident);
    assert.ok((await tickets()).size > acknowledged.length, 'reading goes on');
    const before = house.pumpBytes().length;
    assert.equal((await pump('/infusion?no-room')).status, 503);
    assert.equal(house.pumpBytes().length, before);

    // Somebody makes room: it goes on by itself.
    execFileSync('sh', ['-c', `rm -f '${disk}'/ballast '${disk}'/more-ballast '${disk}'/crumb-*`]);
    assert.equal((await ask('FULL-room')).status, 201);
    acknowledged.push('FULL-room');
    assert.match(house.log, /the database's disk has room again/);
    people.otto.client = await house.signIn(people.otto);
    await house.until('the visit that the full disk ended is on record', async () =>
        (await people.otto.client.expect('GET', '/api/audit?type=pam.disconnect')).events.length === 1);
    assert.equal((await pump('/infusion?room')).status, 200, 'a new visit');

    await house.restart();
    const known = await tickets();
    for (const ticket of acknowledged) assert.ok(known.has(ticket), `${ticket} was acknowledged and is gone`);
    assert.ok(!known.has('FULL-late'));
    people.otto.client = await house.signIn(people.otto);
    const {recordings} = await people.otto.client.expect('GET', '/api/recordings');
    assert.deepEqual(recordings.map(({state}) => state), ['sealed', 'sealed'], 'both ended cleanly');
    let har = '';
    for (const {id} of recordings) har += (await harOf(id)).body.toString('latin1');
    for (const mark of served) assert.ok(har.includes(mark), `${mark} was served and is not recorded`);
    const received = [...house.pumpBytes().toString('latin1').matchAll(/full=\d+&/g)];
    for (const [mark] of received) assert.ok(har.includes(mark), `the pump received ${mark}, unrecorded`);
    await auditVerifies();
    erik = await house.signIn(people.erik);
    assert.equal((await pump('/infusion?room-again')).status, 200);
});

// The server with syncs that fail on command.
async function openWithFailingSync(options = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-sync-'));
    tidy.push(() => rmSync(folder, {recursive: true, force: true}));
    const library = join(folder, 'failing_sync.so');
    const compiler = existsSync('/usr/bin/clang-19') ? 'clang-19' : 'cc';
    execFileSync(compiler, ['-shared', '-fPIC', '-O1', '-o', library, join(root, 'tests/attack/failing_sync.c'), '-ldl']);
    const fault = join(folder, 'fault');
    await open({...options, environment: {LD_PRELOAD: library, TEST_SYNC_FAULT: fault}});
    return {
        fail: (path) => writeFileSync(fault, path),
        heal: () => rmSync(fault, {force: true}),
    };
}

test('an fsync error in the recording: nothing passes unrecorded, no new visit, sign-in goes on', async () => {
    const sync = await openWithFailingSync();
    assert.equal((await pump('/infusion?recorded')).status, 200);
    const before = house.pumpBytes().length;
    sync.fail('/recordings/journal/');
    const cut = await pump('/infusion?unrecorded');
    assert.ok([403, 503].includes(cut.status), 'the visit is over, or could not be recorded');
    const refused = await pump('/infusion?unrecorded');
    assert.equal(refused.status, 503, refused.body.toString());
    assert.match(refused.body.toString(), /recording failed.*Tell whoever operates Sallyport.*recorder\.poisoned/s);
    assert.equal(house.pumpBytes().length, before, 'the pump received nothing more');

    // It is final: that the next fsync would do does not bring back what this one lost.
    sync.heal();
    assert.equal((await pump('/infusion?unrecorded-too')).status, 503);
    assert.equal(house.pumpBytes().length, before);
    assert.match(house.log, /"trouble":"poisoned"/);
    assert.equal((await ask('POISONED')).status, 201, 'what needs no recording goes on');
    const {events} = await (await house.signIn(people.otto)).expect('GET', '/api/audit?type=rec.degraded');
    assert.equal(events.length, 1);
    assert.equal(events[0].reason, 'recorder.poisoned');

    await house.restart();
    people.otto.client = await house.signIn(people.otto);
    const {recordings} = await people.otto.client.expect('GET', '/api/recordings');
    assert.equal(recordings.length, 1);
    assert.equal(recordings[0].state, 'interrupted', 'the truth');
    const {entries} = (await harOf(recordings[0].id)).json.log;
    const recorded = entries.find((one) => one.request.url.endsWith('?recorded'));
    assert.equal(recorded._sallyport.request, 'delivered');
    // The intent may have reached the disk although its fsync failed. It is never told as delivered.
    for (const one of entries.filter((each) => each.request.url.includes('?unrecorded'))) {
        assert.notEqual(one._sallyport.request, 'delivered');
        assert.equal(one.response.status, 0);
    }
    await auditVerifies();
    erik = await house.signIn(people.erik);
    assert.equal((await pump('/infusion?again')).status, 200);
});

test('a recorder that fails in the middle of an answer: nobody gets more of it than was recorded', async () => {
    const device = await ScriptedDevice.open();
    tidy.push(() => device.vanish());
    const sync = await openWithFailingSync({device});
    let line = 0;
    device.behaviour = (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10000000\r\n\r\n');
        const timer = setInterval(() => socket.write(`line ${++line} of many\n`), 10);
        socket.on('close', () => clearInterval(timer));
    };
    const watching = erik.request('GET', `${house.deviceOrigin}/infusion`, {onData: (chunk) => { got += chunk; }});
    let got = '';
    await house.until('some of it', () => got.includes('line 20 '));
    sync.fail('/recordings/journal/');
    await assert.rejects(watching, 'the answer broke off');
    await house.until('the device to be let go', () => device.sockets.size === 0);

    sync.heal();
    await house.restart();
    people.otto.client = await house.signIn(people.otto);
    const {recordings} = await people.otto.client.expect('GET', '/api/recordings');
    const har = (await harOf(recordings[0].id)).json;
    const entry = har.log.entries.at(-1);
    assert.ok(entry.response.content.text.startsWith(got), 'a byte was shown that is not recorded');
    assert.ok(got.length > 100);
    await auditVerifies();
});

test('an fsync error in the database is final: refused until a restart, nothing acknowledged is lost', async () => {
    const sync = await openWithFailingSync();
    assert.equal((await ask('SYNC-before')).status, 201);
    sync.fail('sallyport.db');
    const refused = await ask('SYNC-during');
    assert.equal(refused.status, 503);
    assert.match(refused.json.title, /can't do this right now/);
    await house.until('the incident to be in the log', () => house.log.includes(refused.json.incident));
    sync.heal();
    assert.equal((await ask('SYNC-later')).status, 503, 'a later fsync that works proves nothing');
    assert.equal((await house.client().request('GET', '/health/ready')).status, 503);
    const before = await house.until('the visit to be cut', async () => {
        const answer = await pump('/infusion?cut');
        return answer.status === 200 ? undefined : house.pumpBytes().length;
    }, 5);
    assert.notEqual((await pump('/infusion?cut-too')).status, 200);
    assert.equal(house.pumpBytes().length, before);

    await house.restart();
    const known = await tickets();
    assert.ok(known.has('SYNC-before'));
    assert.ok(!known.has('SYNC-later'));
    assert.equal((await ask('SYNC-after')).status, 201);
    await auditVerifies();
    erik = people.erik.client;
    assert.equal((await pump('/infusion?again')).status, 200);
});
