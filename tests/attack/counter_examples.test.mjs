// What others got wrong, as a list, tried against the running server: the four weaknesses of the
// public counter-example (L-06), and secrets where people read them by accident (S0-17, S0-61, S0-62).
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {chmodSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {once} from 'node:events';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House, build} from '../e2e/house.mjs';

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
        name: 'slow-01', serial: 'SLOW-1', address: '127.0.0.1', port: slow.address().port, archetype: 'A2',
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

// A site of its own that would start, and what makes it not.
function site(name, change = (text) => text) {
    const folder = join(house.folder, name);
    execFileSync(shipped, ['init', '--demo', '--dir', folder, '--port', '1']);
    const config = join(folder, 'sallyport.toml');
    writeFileSync(config, change(readFileSync(config, 'utf8')));
    return {folder, config};
}

test('S0-61: a secret in the environment refuses the start, naming the variable and not the value', async () => {
    const {config} = site('environment');
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
    const literals = {
        master_key: (text) => text.replace(/master_key = .*/, `master_key = "${Buffer.alloc(32, 7).toString('base64')}"`),
        password: (text) => `${text}\n[store]\nengine = "postgres"\nconninfo = "host=db password=${canary}"\n`,
        conninfo: (text) => `${text}\n[store]\nengine = "postgres"\nconninfo = "postgres://sallyport:${canary}@db/sallyport"\n`,
        api_token: (text) => `${text}\n[server.more]\napi_token = "${canary}"\n`,
        admin_password: (text) => text.replace('[server]', `[server]\nadmin_password = "${canary}"`),
        secret: (text) => `${text}\n[vault]\nsecret = "${canary}"\n`,
    };
    for (const [key, change] of Object.entries(literals)) {
        const {config} = site(`literal-${key}`, change);
        const {code, said} = await refusal({config});
        assert.equal(code, 1, `${key}: ${said}`);
        assert.ok(said.includes(key), `${key}: ${said}`);
        assert.ok(!said.includes('hunter2') && !said.includes('BwcHBwcH'), `the value of ${key} is told: ${said}`);
        assert.ok(!said.includes('Ready'));
    }
});

test('S0-17: a key file that others can read refuses the start', async () => {
    for (const key of ['master.key', 'log.key']) {
        const {folder, config} = site(`open-${key}`);
        chmodSync(join(folder, 'keys', key), 0o644);
        const {code, said} = await refusal({config});
        assert.equal(code, 1, said);
        assert.ok(said.includes(key), said);
        const content = readFileSync(join(folder, 'keys', key), 'utf8').trim();
        assert.ok(!said.includes(content), 'the key itself is told');
    }
});

test('S0-62: the running process leaves no core, holds its secrets in locked memory, shows none and backs up sealed', async () => {
    const {pid} = house.server;
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
    assert.match(limits, /^Max core file size\s+0\s+0\s/m);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    assert.ok(Number(status.match(/^VmLck:\s+(\d+) kB$/m)[1]) > 0, 'secret pages are locked');
    // Undumpable: what is in /proc of it belongs to root, whoever it runs as, and it can't be traced.
    assert.equal(statSync(`/proc/${pid}/environ`).uid, 0);
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
    for (const content of backup) assert.ok(!content.includes('SQLite format 3'), 'the backup is not sealed');

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
