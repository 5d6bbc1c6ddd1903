// A new administrator with README.md and docs/operations.md, at a terminal: from an empty folder to
// a recording that is exported, and every wrong turn that people take on the way.
import assert from 'node:assert/strict';
import {chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House} from './house.mjs';
import {changeSettings, makeAuthority, realSite} from './site.mjs';
import {Terminal} from './terminal.mjs';
import {freePort} from '../support/free_port.mjs';

const passphrase = 'four lamps over the harbour';
const people = {anna: {name: 'anna', passphrase}};
let house, site;

before(async () => {
    house = await House.open({prepare: realSite({demo: true})});
    site = join(house.folder, 'site');
});

after(async () => { await house?.close(); });

const session = (name) => join(house.folder, `${name}.session`);
const mode = (file) => statSync(file).mode & 0o777;

// A command of somebody who is signed in, without a terminal: its input is `input`.
async function cli(name, words, input = '') {
    return house.sallyport(words, {input, env: {SALLYPORT_SESSION: session(name)}});
}

async function good(name, words, input) {
    const done = await cli(name, words, input);
    assert.equal(done.code, 0, `${words.join(' ')}: ${done.err}`);
    return done.out;
}

const list = async (name, words) => JSON.parse(await good(name, [...words, '--json']));

// The command fails with this code, and its words hold all of these.
async function refused(name, words, code, ...expected) {
    const done = await cli(name, words);
    assert.equal(done.code, code, `${words.join(' ')}: ${done.out}${done.err}`);
    for (const part of expected) {
        assert.ok(part instanceof RegExp ? part.test(done.err) : done.err.includes(part),
            `"sallyport ${words.join(' ')}" says "${done.err}", not "${part}"`);
    }
    assert.ok(!/boost|asio|system:\d|\/usr\/include/.test(done.err), `for programmers only: ${done.err}`);
}

const login = (...more) => ['login', '--server', house.origin, '--ca', house.ca, ...more];

test('a command that is not one is named, with the nearest that is, and where to read on', async () => {
    await refused('nobody', [], 2, 'needs a command: init, serve', 'sallyport --help');
    await refused('nobody', ['usr', 'list'], 2, 'sallyport has no command usr; did you mean user?');
    await refused('nobody', ['user', 'lst'], 2, 'sallyport user has no command lst; did you mean list?');
    await refused('nobody', ['config', 'chek'], 2, 'did you mean check?', 'sallyport config --help');
    await refused('nobody', ['grant'], 2, 'sallyport grant needs a command: list, request, approve');
    await refused('nobody', ['frobnicate'], 2, 'no command frobnicate; it has init, serve');
    await refused('nobody', ['whoami', '--jsn'], 2, 'sallyport whoami has no option --jsn; did you mean --json?');
    await refused('nobody', ['user', 'create', 'erik'], 2, '--role is required', 'sallyport user create --help');
    await refused('nobody', ['user', 'create', 'erik', '--rol', 'engineer'], 2, 'no option --rol; did you mean --role?');
    await refused('nobody', ['login', '--ca', '/nowhere.pem'], 2, '--ca', '/nowhere.pem');
});

test('every command tells what it is for, and every list can be had as JSON', async () => {
    const commands = ['init', 'serve', 'login', 'logout', 'whoami', 'backup', 'restore', 'version', 'config check',
        'user list', 'user create', 'user ticket', 'user proof', 'user authenticators', 'user authenticator revoke', 'user authenticator expire',
        'user authenticator suspend', 'user authenticator resume', 'user extra-codes ask', 'user extra-codes make', 'user extra-codes list',
        'user extra-codes approve', 'user extra-codes refuse', 'authenticator list',
        'authenticator rename', 'authenticator suspend', 'authenticator resume', 'authenticator revoke', 'device list', 'device register', 'device place', 'device-group list', 'device-group show', 'device-group create', 'device-group change', 'device-group import', 'vault list', 'vault put',
        'grant list', 'grant request', 'grant approve', 'policy show', 'policy list', 'policy propose', 'policy approve', 'policy reject', 'recording list', 'recording show', 'recording export',
        'audit list', 'audit show', 'audit verify', 'audit rotate-key', 'clock accept'];
    for (const command of commands) {
        const help = await good('nobody', [...command.split(' '), '--help']);
        assert.match(help, /Usage: /, command);
        if (/ list$| show$|whoami|verify/.test(command)) assert.match(help, /--json/, command);
    }
    assert.match(await good('nobody', ['version']), /^sallyport \d+\.\d+\.\d+, schema \d+$/m);
});

test('init refuses what a server would not start with, and what is there already', async () => {
    const at = (...words) => ['init', '--dir', join(house.folder, 'other'), ...words];
    await refused('nobody', at(), 1, 'needs --host and --device-suffix');
    await refused('nobody', at('--host', 'a.example.org', '--device-suffix', 'gate.example.org'), 1,
        'share the domain example.org', 'use a domain of its own');
    await refused('nobody', at('--host', 'Https://A', '--device-suffix', 'gate.example.net'), 1,
        '--host Https://A', 'such as sallyport.example.org');
    assert.ok(!existsSync(join(house.folder, 'other')), 'nothing was made');
    await refused('nobody', ['init', '--dir', site, '--host', 'a.example.org', '--device-suffix', 'b.example.net'], 1,
        'sallyport.toml exists', 'give another --dir');
    for (const name of ['keys/master.key', 'keys/log.key', 'sallyport.toml']) assert.equal(mode(join(site, name)), 0o600);
    for (const name of ['.', 'data', 'keys', 'tls', 'anchors']) assert.equal(mode(join(site, name)), 0o700);
});

test('config check names the file, the reason and the remedy of what is wrong', async () => {
    const file = join(site, 'sallyport.toml');
    const check = ['config', 'check', '--config', file];
    assert.match(await good('nobody', check), /sallyport\.toml: good/);
    const key = join(site, 'keys/master.key');
    chmodSync(key, 0o644);
    const open = await cli('nobody', check);
    assert.equal(open.code, 1);
    assert.match(open.out, /master\.key has mode 0644.*chmod 0600/);
    await refused('nobody', ['serve', '--config', file], 1, 'master.key', 'chmod 0600', 'nothing was started');
    chmodSync(key, 0o600);

    const before = readFileSync(file, 'utf8');
    const line = before.split('\n').findIndex((one) => one.startsWith('device_suffix')) + 1;
    changeSettings(house, (text) => text.replace('device_suffix', 'device_sufix'));
    await refused('nobody', check, 1, `sallyport.toml:${line}:1: `, 'device_suffix');
    changeSettings(house, () => before.replace('sallyport.localhost.pem', 'missing.pem'));
    const missing = await cli('nobody', check);
    assert.equal(missing.code, 1);
    assert.match(missing.out + missing.err, /missing\.pem can't be read; make it or correct the path/);
    changeSettings(house, () => before);
    await refused('nobody', ['config', 'check', '--config', join(site, 'nothing.toml')], 1,
        'nothing.toml', 'sallyport init', 'No such file');
    await refused('nobody', ['serve', '--config', file], 1, 'in use by another sallyport', 'stop that one first');
});

test('the first administrator enrols at the terminal; slips cost nothing and no secret is shown', async () => {
    assert.match(house.said, new RegExp(`sallyport login --first-start --server ${house.origin}\\n`));
    assert.equal(house.said.match(/^Address: (.*)$/m)[1], house.origin);
    const {anna} = people;
    const at = new Terminal(session('anna'), login('--first-start'));
    await at.answer('One-time code of the first start: ', house.bootstrapCode);
    await at.answer('Your name: ', 'Anna Admin');
    await at.answer('Your name here (to sign in with): ', 'Anna Admin!');
    assert.match(await at.answer('Your name: ', 'Anna Admin'), /That login name can't be used\. Use 1 to 64/);
    await at.answer('Your name here (to sign in with): ', 'anna');
    await at.answer('Choose a passphrase: ', 'short');
    await at.answer('The same again: ', 'short');
    assert.match(await at.answer('Choose a passphrase: ', passphrase), /too short\. Use a longer one/);
    await at.answer('The same again: ', `${passphrase}!`);
    assert.match(await at.answer('Choose a passphrase: ', passphrase), /passphrases differ/);
    await at.answer('The same again: ', passphrase);
    const shown = await at.asked('Code that the app shows now: ');
    anna.seed = shown.match(/[?&]secret=([A-Z2-7]+)/)[1];
    at.type('000000');
    assert.match(await at.asked('Code that the app shows now: '), /did not match|used already/);
    const code = house.code(anna);
    at.type(code);
    const {rest, shown: all, code: exit} = await at.end();
    assert.equal(exit, 0, rest);
    assert.equal(rest.match(/^ {2}\S+\r?$/gm).length, 10, 'ten recovery codes');
    assert.match(rest, /Signed in as anna \(gateway_administrator\) until 2/);
    for (const secret of [passphrase, house.bootstrapCode, code]) assert.ok(!all.includes(secret), 'nothing was echoed');
    assert.equal(mode(session('anna')), 0o600);
    assert.ok(!readFileSync(session('anna'), 'utf8').includes(passphrase));
});

test('whoami tells who, how and until when; the role\'s timers hold for the token', async () => {
    const me = await list('anna', ['whoami']);
    assert.equal(me.login_name, 'anna');
    assert.equal(me.idle_seconds, 15 * 60, 'an administrator\'s');
    assert.equal(me.csrf, undefined);
    assert.match(await good('anna', ['whoami']), /^role +gateway_administrator$/m);
});

test('the administrator creates people, who enrol at the terminal with a ticket', async () => {
    await refused('anna', ['user', 'create', 'erik', '--role', 'enginer', '--display-name', 'Erik'], 1,
        'There is no such role.', 'e.g. engineer');
    await refused('anna', ['user', 'create', 'Erik E', '--role', 'engineer', '--display-name', 'Erik'], 1,
        'login name can\'t be used', 'a-z');
    for (const [name, role, words] of [
        ['erik', 'engineer', 'seven grey geese went south'],
        ['paula', 'approver', 'a bell rings under water'],
        ['otto', 'auditor', 'the ferry leaves without us'],
    ]) {
        const made = await list('anna', ['user', 'create', name, '--role', role, '--display-name', name]);
        assert.equal(made.ticket, null, 'nobody has said how their identity was checked');
        await refused('anna', ['user', 'ticket', name], 1, 'Nobody has recorded how this person');
        await good('anna', ['user', 'proof', name, '--identity', 'in_person', '--evidence', 'identity card']);
        made.ticket = (await list('anna', ['user', 'ticket', name])).ticket;
        const person = {name, role, passphrase: words};
        const at = new Terminal(session(name), login('--enrol'));
        await at.answer('Enrolment ticket: ', made.ticket.code);
        await at.answer('Choose a passphrase: ', words);
        await at.answer('The same again: ', words);
        person.seed = (await at.asked('Code that the app shows now: ')).match(/[?&]secret=([A-Z2-7]+)/)[1];
        at.type(house.code(person));
        const {code, rest} = await at.end();
        assert.equal(code, 0, rest);
        people[name] = person;
    }
    await refused('anna', ['user', 'create', 'erik', '--role', 'engineer', '--display-name', 'E'], 1, 'is taken');
    const his = await list('anna', ['user', 'authenticators', 'erik']);
    assert.deepEqual(his.map((one) => one.kind).sort(), ['passphrase', 'recovery_codes', 'totp']);
    const users = await list('anna', ['user', 'list']);
    assert.deepEqual(users.map((one) => one.login_name).sort(), ['anna', 'erik', 'otto', 'paula']);
    assert.match(await good('anna', ['user', 'list']), /^login_name +display_name +role/m);
    await refused('erik', ['user', 'list'], 1, 'Your role does not allow this.');
    await refused('anna', ['user', 'disable', 'nobody', '--reason', 'x'], 1, 'There is no such account.');
});

test('the device\'s password is asked for at the terminal, not shown, and never shown again', async () => {
    await refused('anna', ['device', 'register', 'Pump 7', '--serial', 'S', '--address', '127.0.0.1', '--ephi', 'none', '--archetype', 'A2'],
        1, 'device name can\'t be used', 'host name');
    await refused('anna', ['device', 'register', 'pump-07', '--serial', 'S', '--address', '127.0.0.1', '--ephi', 'none', '--archetype', 'B7'],
        1, 'no such archetype', 'A2');
    await refused('anna', ['vault', 'put', 'pump-07', '--user-name', 'service'], 1, 'the input ended before');
    await good('anna', ['device', 'register', 'pump-07', '--serial', 'IP2-0007', '--ephi', 'none', '--address', '127.0.0.1',
        '--port', String(house.pumpPort), '--archetype', 'A2']);
    const password = house.servicePassword();
    const at = new Terminal(session('anna'), ['vault', 'put', 'pump-07', '--user-name', 'service']);
    await at.answer('The device\'s password: ', password);
    const {code, shown} = await at.end();
    assert.equal(code, 0, shown);
    assert.ok(!shown.includes(password));
    const items = await good('anna', ['vault', 'list', '--json']);
    assert.ok(!items.includes(password));
    assert.equal(JSON.parse(items)[0].user_name, 'service');
    assert.equal((await list('anna', ['device', 'list']))[0].name, 'pump-07');
    await refused('anna', ['vault', 'put', 'pump-07', '--password', 'x'], 2, 'vault put has no option --password');
});

test('a request is decided by another person', async () => {
    const at = (minutes) => new Date(Date.now() + (house.offset ?? 0) * 1000 + minutes * 60000).toISOString();
    const ask = ['grant', 'request', '--device', 'pump-07', '--ticket', 'CHG-1042'];
    await refused('erik', [...ask, '--purpose', 'Check', '--from', at(0), '--until', at(60)], 1, 'purpose is too short');
    await refused('erik', [...ask, '--purpose', 'Quarterly check', '--from', 'now', '--until', at(60)], 1,
        'That is not a time.', '2026-11-22T08:30:00Z', '(from)');
    const asked = await list('erik', [...ask, '--purpose', 'Quarterly check of the sensor', '--from', at(0), '--until', at(60)]);
    await refused('erik', ['grant', 'approve', asked.id], 1, 'does not allow');
    await refused('paula', ['grant', 'approve', 'CHG-1042'], 1, 'nothing with that id', 'Check it against the list');
    await good('paula', ['grant', 'approve', asked.id, '--reason', 'Planned']);
    await refused('paula', ['grant', 'approve', asked.id], 1, 'already decided');
    assert.equal((await list('erik', ['grant', 'list']))[0].state, 'open');
});

test('S0-37 (part): five minutes after the last proof the terminal asks for a code, once', async () => {
    await house.advance(5 * 60 + 1);
    const create = (name) => ['user', 'create', name, '--role', 'engineer', '--display-name', name];
    await refused('anna', create('nils'), 1, 'the input ended before');
    const at = new Terminal(session('anna'), create('nils'));
    await at.answer('Code from your authenticator: ', '000000');
    const wrong = await at.end();
    assert.equal(wrong.code, 1);
    assert.match(wrong.rest, /did not match/);
    const again = new Terminal(session('anna'), create('nils'));
    const code = await house.freshCode(people.anna);
    await again.answer('Code from your authenticator: ', code);
    const done = await again.end();
    assert.equal(done.code, 0, done.shown);
    assert.ok(!done.shown.includes(code));
    await good('anna', create('lena'));
    assert.equal(mode(session('anna')), 0o600, 'the renewed token is private too');
});

test('an administrator suspends, resumes, ends and revokes what somebody else signs in with', async () => {
    const theirs = async (kind) =>
        (await list('anna', ['user', 'authenticators', 'paula'])).find((one) => one.kind === kind);
    const {id} = await theirs('recovery_codes');
    const change = (verb, ...more) => list('anna', ['user', 'authenticator', verb, 'paula', id, ...more]);
    const suspended = await change('suspend');
    assert.equal(suspended.state, 'suspended');
    assert.equal(suspended.can_sign_in, true);
    assert.notEqual((await cli('paula', ['whoami'])).code, 0, 'her sessions end');
    await refused('anna', ['user', 'authenticator', 'suspend', 'paula', id], 1, 'is not in use');
    assert.equal((await change('resume')).state, 'active');

    const end = new Date(Date.now() + (house.offset ?? 0) * 1000 + 86400000).toISOString();
    assert.equal(Date.parse((await change('expire', '--at', end)).expires_at), Date.parse(end));
    assert.equal((await change('expire', '--at', 'never')).expires_at, null);
    await refused('anna', ['user', 'authenticator', 'expire', 'paula', id], 2, '--at is required');
    await refused('anna', ['user', 'authenticator', 'expire', 'paula', (await theirs('passphrase')).id, '--at', end], 1,
        'does not expire by its age');

    assert.equal((await change('revoke', '--cause', 'lost')).state, 'revoked');
    await refused('anna', ['user', 'authenticator', 'revoke', 'paula', id], 1, 'removed for good');
});

test('who mistypes the server, or meets another, is told before a passphrase is typed', async () => {
    const to = (url, ...more) => ['login', '--terminal', '--server', url, '--name', 'anna', ...more];
    const nobody = await freePort();
    await refused('new', to(`http://sallyport.localhost:${house.port}`), 1, 'https://host:port');
    await refused('new', to(`https://sallyport.localhost:${nobody}`, '--ca', house.ca), 1,
        'nothing listens there', 'is the server running');
    await refused('new', to('https://no-such-host.invalid', '--ca', house.ca), 1, 'no-such-host.invalid', 'check the name');
    await refused('new', to(house.origin), 1, 'not trusted', '--ca FILE');
    const other = join(house.folder, 'other-ca');
    mkdirSync(other);
    makeAuthority(other);
    await refused('new', to(house.origin, '--ca', join(other, 'ca.pem')), 1, 'not trusted', 'not the authority that signed it');
    await refused('new', to(`https://elsewhere.localhost:${house.port}`, '--ca', house.ca), 1,
        'use the name that the certificate is for');
    await refused('new', to(`https://sallyport.localhost:${house.pumpPort}`, '--ca', house.ca), 1, 'is it the right port?');
    await refused('new', login('--terminal', '--name', 'anna'), 1, 'the input ended before');

    const at = new Terminal(session('new'), login('--terminal', '--name', 'anna'));
    await at.answer('Passphrase: ', 'not her passphrase');
    const asked = await Promise.race([at.asked('Code from your authenticator app: ').then(() => true), at.ended.then(() => false)]);
    if (asked) at.type('123456');
    const {code, rest} = await at.end();
    assert.equal(code, 1);
    assert.match(rest, /That did not match\. Check your name, passphrase and code/);
    assert.ok(!existsSync(session('new')));
});

test('Ctrl-C at a prompt gives the terminal its echo back', async () => {
    const at = new Terminal(session('new'), login('--terminal', '--name', 'anna'), {next: 'echo "ended by $?"; stty -a'});
    await at.asked('Passphrase: ');
    at.child.stdin.write('\x03');
    const {rest} = await at.end();
    assert.match(rest, /ended by 130/);
    assert.match(rest, /\secho\s/, rest);
});

test('a visit is recorded; its recording is listed, shown and exported once, for its reader alone', async () => {
    const {erik, otto} = people;
    erik.client = await house.signIn(erik);
    await erik.client.expect('POST', '/api/notice', {});
    assert.equal((await erik.client.visit(`${house.deviceOrigin}/infusion`)).status, 200);
    await erik.client.expect('POST', '/api/session/end', {});

    const at = new Terminal(session('otto'), login('--terminal', '--name', 'otto'));
    await at.answer('Passphrase: ', otto.passphrase);
    await at.answer('Code from your authenticator app: ', await house.freshCode(otto));
    const signedIn = await at.end();
    assert.equal(signedIn.code, 0, signedIn.shown);
    const [visit] = await house.until('a sealed recording', async () => {
        const all = await list('otto', ['recording', 'list']);
        return all[0]?.state === 'sealed' ? all : undefined;
    });
    assert.equal(visit.login_name, 'erik');
    assert.match(await good('otto', ['recording', 'show', visit.id]), /GET +\S+\/infusion +200/);
    const file = join(house.folder, 'visit.har');
    const words = ['recording', 'export', visit.id, '--reason', 'Quarterly review', '--output', file];
    await good('otto', words);
    assert.equal(mode(file), 0o600);
    assert.ok(JSON.parse(readFileSync(file, 'utf8')).log.entries.length > 0);
    assert.ok(!readFileSync(file, 'utf8').includes(house.servicePassword()));
    const exports = async () => (await list('otto', ['audit', 'list', '--type', 'rec.exported'])).length;
    const before = await exports();
    await refused('otto', words, 1, 'visit.har exists', 'give another file');
    assert.equal(await exports(), before, 'nothing left the server for nothing');
    await refused('otto', ['recording', 'show', '0'], 1, 'no such recording', 'against the list');
    await refused('otto', ['recording', 'show', crypto.randomUUID()], 1, 'no such recording');
});

test('the audit log is listed, shown, and verified with and without the server', async () => {
    const events = await list('otto', ['audit', 'list', '--type', 'authn.success']);
    assert.ok(events.length > 0);
    assert.match(await good('otto', ['audit', 'show', events[0].id]), /authn\.success/);
    await refused('otto', ['audit', 'show', crypto.randomUUID()], 1, 'no such event');
    const config = join(site, 'sallyport.toml');
    assert.match(await good('nobody', ['audit', 'verify', '--config', config]), /verified/);
    const offline = ['audit', 'verify', '--log', join(site, 'data/log'), '--anchors', join(site, 'anchors')];
    assert.match(await good('nobody', offline), /verified/);
    assert.equal(typeof JSON.parse(await good('nobody', [...offline, '--json'])), 'object');
    await refused('nobody', ['audit', 'verify'], 1, '--log FOLDER', '--config FILE');
    await refused('nobody', [...offline, '--key', 'nonsense'], 1, '--key is not a verifier key');
});

test('backup needs an administrator, restore a stopped server; both say so', async () => {
    await refused('erik', ['backup'], 1, 'does not allow');
    const made = JSON.parse(await good('anna', ['backup', '--json'], `${await house.freshCode(people.anna)}\n`));
    assert.ok(existsSync(join(made.folder, 'database.sealed')));
    const config = join(site, 'sallyport.toml');
    const restore = ['restore', '--config', config];
    await refused('nobody', [...restore, '--from', made.folder], 2, '--reason is required');
    await refused('nobody', [...restore, '--from', made.folder, '--reason', ' '], 2, '--reason', 'says nothing');
    await refused('nobody', [...restore, '--reason', 'trying'], 1, 'restore needs --from FOLDER');
    await refused('nobody', [...restore, '--reason', 'trying', '--from', made.folder], 1, 'in use by another sallyport');
    await refused('nobody', [...restore, '--reason', 'trying', '--from', join(house.folder, 'none')], 2, 'none');
});

test('S0-36 (part): after 15 idle minutes the token is dead, and the command says how to go on', async () => {
    await good('anna', ['whoami']);
    await house.advance(15 * 60 + 1);
    await refused('anna', ['user', 'list'], 1, /You are not signed in|Your session ended/, `sallyport login --server ${house.origin} --ca ${house.ca}`);

    const at = new Terminal(session('anna'), login('--terminal'));
    await at.answer('Your name here: ', 'anna');
    await at.answer('Passphrase: ', passphrase);
    await at.answer('Code from your authenticator app: ', await house.freshCode(people.anna));
    assert.equal((await at.end()).code, 0);
    const token = readFileSync(session('anna'), 'utf8');
    chmodSync(session('anna'), 0o644);
    await refused('anna', ['whoami'], 1, 'can be read by others', 'sign in again');
    chmodSync(session('anna'), 0o600);
    writeFileSync(session('broken'), 'not JSON', {mode: 0o600});
    await refused('broken', ['whoami'], 1, 'holds no session', 'sign in again');
    assert.match(await good('anna', ['logout']), /Signed out/);
    assert.ok(!existsSync(session('anna')));
    await refused('anna', ['whoami'], 1, 'not signed in', 'sallyport login --server');
    writeFileSync(session('anna'), token, {mode: 0o600});
    await refused('anna', ['whoami'], 1, 'Sign in');
    rmSync(session('anna'));
});
