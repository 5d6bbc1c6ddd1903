// What others got wrong, as a list, tried against the running server: the four weaknesses of the
// public counter-example (L-06), and secrets where people read them by accident (S0-17, S0-61, S0-62).
import assert from 'node:assert/strict';
import {execFileSync, spawn, spawnSync} from 'node:child_process';
import {createDecipheriv, hkdfSync} from 'node:crypto';
import {chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {once} from 'node:events';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House, build} from '../e2e/house.mjs';
import {freePort} from '../support/free_port.mjs';

let house, people, slow;
const shipped = join(build, 'src/apps/sallyport/sallyport');

before(async () => {
    house = await House.open();
    people = await house.people();
    await house.registerPump(people.anna);
    await house.grant(people);
    await people.erik.client.expect('POST', '/api/notice', {});
});

after(async () => {
    slow?.close();
    await house?.close();
});

function* files(folder) {
    for (const name of readdirSync(folder)) {
        const path = join(folder, name);
        if (statSync(path).isDirectory()) yield* files(path);
        else yield path;
    }
}

const encodings = (secret) => {
    const bytes = Buffer.from(secret);
    return [
        secret, encodeURIComponent(secret), bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, ''),
        bytes.toString('utf16le'),
    ];
};

test('L-06: no Basic password and no static factor header opens anything', async () => {
    const before = house.pumpBytes().length;
    const {passphrase} = people.erik;
    const basic = (text) => `Basic ${Buffer.from(text).toString('base64')}`;
    const headers = [];
    for (const authorization of [
        basic(`erik:${passphrase}`), basic(`service:${house.servicePassword()}`), basic('admin:admin'),
    ]) {
        for (const factor of ['123456', '000000', 'totp', 'true', 'approved', house.code({...people.erik})]) {
            headers.push({authorization, 'x-auth-factor': factor});
        }
    }
    headers.push({'x-auth-factor': '123456', 'x-remote-user': 'erik', 'x-forwarded-user': 'erik', remote_user: 'erik'});
    for (const each of headers) {
        for (const url of [`${house.deviceOrigin}/infusion`, '/api/session', '/api/users', '/api/grants']) {
            const answer = await house.client().request('GET', url, {headers: each});
            // Refused, or at a device's host sent to the sign-in page.
            const outside = answer.status === 401 ||
                (answer.status === 303 && answer.headers.location.startsWith(`${house.origin}/handoff`));
            assert.ok(outside, `${answer.status} ${url} ${JSON.stringify(each)}`);
            assert.equal(answer.headers['www-authenticate'], undefined, 'nobody is asked for a Basic password');
        }
    }
    assert.equal(house.pumpBytes().length, before, 'the pump received nothing');
});

test('L-06: no password lies in a file in clear or in an encoding, whoever\'s it is', async () => {
    assert.equal((await people.erik.client.visit(`${house.deviceOrigin}/infusion`)).status, 200);
    const secrets = {
        'the pump\'s password': house.servicePassword(),
        'Basic of it': Buffer.from(`service:${house.servicePassword()}`).toString('base64'),
    };
    for (const person of Object.values(people)) secrets[`${person.name}'s passphrase`] = person.passphrase;
    const held = [...files(join(house.folder, 'site'))];
    assert.ok(held.some((path) => path.endsWith('sallyport.db')), 'the database is among them');
    const database = Buffer.concat(held.filter((path) => path.includes('sallyport.db')).map((path) => readFileSync(path)));
    assert.ok(database.includes('erik'), 'the search finds what is there');
    for (const path of held) {
        const content = readFileSync(path);
        for (const [whose, secret] of Object.entries(secrets)) {
            for (const form of encodings(secret)) assert.ok(!content.includes(form), `${whose} stands in ${path}`);
        }
    }
});

test('L-06: no credential is in the environment or on the command line, nor can one be given there', async () => {
    const {pid} = house.server;
    const process = ['environ', 'cmdline'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'latin1')).join('\0');
    for (const secret of [house.servicePassword(), people.anna.passphrase]) {
        for (const form of encodings(secret)) assert.ok(!process.includes(form));
    }
    const help = execFileSync(shipped, ['device', 'set-credential', '--help']).toString();
    assert.ok(!/--pass|--secret|--credential\b/.test(help), help);
    const refused = await house.sallyport(['device', 'set-credential', 'pump-07', '--user-name', 'service', '--password', 'x']);
    assert.equal(refused.code, 2, 'an argument can hold no secret');
});

test('L-06: a device that takes more than 5 seconds is waited for', async () => {
    slow = createServer((request, response) => {
        setTimeout(() => response.end('at last'), 5600);
    }).listen(0, '127.0.0.1');
    await once(slow, 'listening');
    await house.stepUp(people.anna);
    await people.anna.client.expect('POST', '/api/devices', {
        name: 'slow-01', serial: 'SLOW-1', address: '127.0.0.1', port: slow.address().port, archetype: 'A2', ephi: 'none',
    });
    await people.anna.client.expect('POST', '/api/devices/slow-01/credential', {user_name: 'service', password: 'turtle-2009'});
    const now = Date.now() + (house.offset ?? 0) * 1000;
    const asked = await people.erik.client.expect('POST', '/api/grants', {
        device: 'slow-01', purpose: 'See how slow it is', change_ticket: 'CHG-5',
        from: new Date(now).toISOString(), until: new Date(now + 3600_000).toISOString(),
    });
    await house.stepUp(people.paula);
    await people.paula.client.expect('POST', `/api/grants/${asked.id}/approve`, {reason: 'Planned'});
    const begun = Date.now();
    const answer = await people.erik.client.visit(`https://slow-01.gate.localhost:${house.port}/status`);
    assert.equal(answer.status, 200, answer.body.toString());
    assert.equal(answer.body.toString(), 'at last');
    assert.ok(Date.now() - begun > 5000);
});

// What `serve` says, with this environment and this configuration, and that it ended.
async function refusal({env = {}, config}) {
    const child = spawn(shipped, ['serve', '--config', config], {env: {PATH: process.env.PATH, ...env}});
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { said += chunk; });
    const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
    const [code] = await once(child, 'close');  // all it said is read by then
    clearTimeout(timer);
    return {code, said};
}

// A site of its own that would start, and what makes it not. Its folder's name, which is told too,
// says nothing of what that is.
let sites = 0;
function site(change = (text) => text) {
    const folder = join(house.folder, `site-${++sites}`);
    execFileSync(shipped, ['init', '--demo', '--dir', folder, '--port', '1']);
    const config = join(folder, 'sallyport.toml');
    writeFileSync(config, change(readFileSync(config, 'utf8')));
    return {folder, config};
}

test('S0-61: a secret in the environment refuses the start, naming the variable and not the value', async () => {
    const {config} = site();
    const canary = 'canary-hunter2-5e1f';
    for (const [name, value] of [
        ['SALLYPORT_MASTER_KEY', canary],
        ['SALLYPORT_PUMP_PASSWORD', canary],
        ['SALLYPORT_TOKEN', `sp_${canary}`],
        ['SALLYPORT_CONFIG_INLINE', `password = "${canary}"`],
        ['PGPASSWORD', canary],
        ['DATABASE_URL', `postgres://sallyport:${canary}@db/sallyport`],
    ]) {
        const {code, said} = await refusal({env: {[name]: value}, config});
        assert.equal(code, 1, `${name}: ${said}`);
        assert.ok(said.includes(name), `${name}: ${said}`);
        assert.ok(!said.includes('hunter2'), `the value of ${name} is told`);
    }
});

test('S0-17: a literal secret in the configuration refuses the start, naming the key and not the value', async () => {
    const canary = 'Canary-hunter2-5e1f-9QxZ';
    const literals = [
        ['keys.master_key', (text) => text.replace(/master_key = .*/, `master_key = "${Buffer.alloc(32, 7).toString('base64')}"`)],
        ['store.conninfo', (text) => `${text}\n[store]\nengine = "postgres"\nconninfo = "host=db password=${canary}"\n`],
        ['store.conninfo', (text) => `${text}\n[store]\nengine = "postgres"\nconninfo = "postgres://sallyport:${canary}@db/sallyport"\n`],
        ['server.more.api_token', (text) => `${text}\n[server.more]\napi_token = "${canary}"\n`],
        ['server.admin_password', (text) => text.replace('[server]', `[server]\nadmin_password = "${canary}"`)],
        ['vault.secret', (text) => `${text}\n[vault]\nsecret = "${canary}"\n`],
        // Not by its name but by its looks.
        ['server.banner', (text) => text.replace('[server]', `[server]\nbanner = "${canary}"`)],
    ];
    for (const [key, change] of literals) {
        const {config} = site(change);
        const {code, said} = await refusal({config});
        assert.equal(code, 1, `${key}: ${said}`);
        const told = said.replaceAll(config, 'the configuration');
        assert.match(told, new RegExp(`(?<![\\w.])${key.replaceAll('.', '\\.')} holds a literal secret`), said);
        assert.ok(!said.includes('hunter2') && !said.includes('BwcHBwcH'), `the value of ${key} is told: ${said}`);
        assert.ok(!said.includes('Ready'));
    }
});

test('S0-17: a key file that others can read refuses the start', async () => {
    for (const key of ['master.key', 'log.key']) {
        const {folder, config} = site();
        chmodSync(join(folder, 'keys', key), 0o644);
        const {code, said} = await refusal({config});
        assert.equal(code, 1, said);
        const told = `keys.${key.replace('.', '_')}: file ${join(folder, 'keys', key)} has mode 0644`;
        assert.ok(said.includes(told), said);
        const content = readFileSync(join(folder, 'keys', key), 'utf8').trim();
        assert.ok(!said.includes(content), 'the key itself is told');
    }
});

// What docs/protocols/sealed-file.md says, by somebody else's cryptography.
function unsealed(file, master) {
    const derive = (key, salt, info) => Buffer.from(hkdfSync('sha256', key, salt, info, 32));
    const header = file.subarray(0, 40);
    assert.equal(header.subarray(0, 8).toString(), 'SPSEAL1\n');
    const key = derive(derive(master, '', 'sallyport v1 backup_key'), header.subarray(8), 'sallyport sealed file v1');
    const plain = [];
    const chunk = 1_048_576 + 16;
    for (let at = 40, index = 0n; at < file.length; at += chunk, ++index) {
        const number = Buffer.alloc(8);
        number.writeBigUInt64BE(index);
        const end = Math.min(at + chunk, file.length);
        const opening = createDecipheriv('aes-256-gcm', key, Buffer.concat([Buffer.alloc(4), number]));
        opening.setAAD(Buffer.concat([header, number, Buffer.of(end === file.length ? 1 : 0)]));
        opening.setAuthTag(file.subarray(end - 16, end));
        plain.push(opening.update(file.subarray(at, end - 16)), opening.final());
    }
    return Buffer.concat(plain);
}

test('S0-62: who runs as the server\'s own user can neither read its memory nor its environment', async (t) => {
    // Of an undumpable process what is in /proc belongs to root. A server that root started would show
    // nothing by that, so it runs as nobody, in a folder where nobody can reach it.
    const user = process.getuid() === 0 ? {uid: 65534, gid: 65534} : {uid: process.getuid(), gid: process.getgid()};
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-undumpable-'));
    const children = [];
    t.after(async () => {
        for (const child of children) {
            const over = child.exitCode !== null || child.signalCode !== null ? undefined : once(child, 'exit');
            child.kill('SIGKILL');
            await over;
        }
        rmSync(folder, {recursive: true, force: true});
    });
    const server = join(folder, 'sallyport');
    cpSync(shipped, server);
    const port = await freePort();
    execFileSync(shipped, ['init', '--demo', '--dir', join(folder, 'site'), '--port', String(port)]);
    if (process.getuid() === 0) execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, folder]);
    const start = (program, ...more) => {
        const child = spawn(program, more, {...user, cwd: folder, env: {PATH: process.env.PATH}, stdio: ['ignore', 'pipe', 'pipe']});
        children.push(child);
        return child;
    };
    const read_by_same_user = ({pid}, name) =>
        spawnSync('head', ['-c', '1', `/proc/${pid}/${name}`], {...user, encoding: 'latin1'});

    // Any other program of this user shows what it has.
    const open = start('sleep', '600');
    await once(open, 'spawn');
    assert.equal(await house.until('the program', () => {
        const {uid} = statSync(`/proc/${open.pid}/environ`);
        return readFileSync(`/proc/${open.pid}/comm`, 'utf8') === 'sleep\n' && {uid};
    }).then(({uid}) => uid), user.uid);
    assert.equal(read_by_same_user(open, 'environ').status, 0);

    const closed = start(server, 'serve', '--config', join(folder, 'site/sallyport.toml'));
    let said = '';
    for (const stream of [closed.stdout, closed.stderr]) stream.on('data', (chunk) => { said += chunk; });
    await house.until('the server', () => {
        assert.equal(closed.exitCode, null, said);
        return /^Ready$/m.test(said);
    }, 60);
    assert.match(readFileSync(`/proc/${closed.pid}/status`, 'utf8'), new RegExp(`^Uid:\\s+${user.uid}\\s`, 'm'));
    for (const name of ['environ', 'mem', 'maps', 'auxv']) {
        assert.equal(statSync(`/proc/${closed.pid}/${name}`).uid, 0, name);
        const tried = read_by_same_user(closed, name);
        assert.notEqual(tried.status, 0, name);
        assert.match(tried.stderr, /Permission denied/, name);
    }
});

test('S0-62: the running process leaves no core, holds its secrets in locked memory, shows none and backs up sealed', async () => {
    const {pid} = house.server;
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
    assert.match(limits, /^Max core file size\s+0\s+0\s/m);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    assert.ok(Number(status.match(/^VmLck:\s+(\d+) kB$/m)[1]) > 0, 'secret pages are locked');
    const secrets = [
        house.servicePassword(), ...Object.values(people).map((one) => one.passphrase),
        ...Object.values(people).map((one) => one.seed),
        readFileSync(join(house.folder, 'site/keys/master.key'), 'utf8').trim(),
    ];
    const shown = ['environ', 'cmdline', 'comm'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'latin1')).join('\0');
    await house.stepUp(people.anna);
    const {folder} = await people.anna.client.expect('POST', '/api/backups', {});
    const backup = [...files(folder)].map((path) => readFileSync(path));
    assert.ok(backup.length > 0);
    for (const secret of secrets) {
        for (const form of encodings(secret)) {
            assert.ok(!shown.includes(form), 'a secret is in environment or command line');
            for (const content of backup) assert.ok(!content.includes(form), 'a secret is in the backup');
        }
    }
    // Sealed, and not merely packed: the master key and nothing else opens it.
    const sealed = readFileSync(join(folder, 'database.sealed'));
    const master = Buffer.from(readFileSync(join(house.folder, 'site/keys/master.key'), 'utf8').trim(), 'hex');
    assert.equal(unsealed(sealed, master).subarray(0, 15).toString(), 'SQLite format 3');
    assert.ok(unsealed(sealed, master).includes('erik'));
    const other = Buffer.from(master);
    other[0] ^= 1;
    assert.throws(() => unsealed(sealed, other), /authenticate/);
    const changed = Buffer.from(sealed);
    changed[changed.length - 20] ^= 1;
    assert.throws(() => unsealed(changed, master), /authenticate/);
    // The rest says when and of what log, in so many words.
    assert.deepEqual(readdirSync(folder).sort(), ['database.sealed', 'manifest.json']);
    assert.deepEqual(
        Object.keys(JSON.parse(readFileSync(join(folder, 'manifest.json')))).sort(),
        ['checkpoint', 'database', 'format', 'key_version', 'made_at', 'schema'],
    );

    // A crash tells nothing either: no core beside the server, none in its folder.
    const kept = join(house.folder, 'before-crash');
    mkdirSync(kept);
    cpSync(join(house.folder, 'site/sallyport.toml'), join(kept, 'sallyport.toml'));
    await house.stop('SIGSEGV');
    for (const where of [house.folder, join(house.folder, 'site'), join(house.folder, 'site/data'), process.cwd()]) {
        assert.deepEqual(readdirSync(where).filter((name) => /^core(\.\d+)?$/.test(name)), [], where);
    }
    rmSync(kept, {recursive: true});
    await house.start();
});
