// Planted secrets, searched for everywhere that is not theirs: logs at their most talkative, answers
// and errors, recordings as people see them, the database and its backup, the published log, process
// lists, environments, and the core that a crash must not leave.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {randomInt} from 'node:crypto';
import {readFileSync, readdirSync, statSync} from 'node:fs';
import {once} from 'node:events';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House, proofed} from '../e2e/house.mjs';

let house, people;
const answers = [];

before(async () => {
    house = await House.open({configure: (text) => `${text}\n[log]\nlevel = "debug"\n`});
    people = await house.people();
    await house.registerPump(people.anna);
});

after(async () => { await house?.close(); });

function* files(folder) {
    for (const name of readdirSync(folder)) {
        const path = join(folder, name);
        if (statSync(path).isDirectory()) yield* files(path);
        else yield path;
    }
}

// A secret as it is, and as it would be after a way through URLs, JSON, hexadecimal or, wherever it
// stands in what was encoded, Base64.
function forms(secret) {
    const bytes = Buffer.from(secret);
    const inside = [0, 1, 2].map((shift) => {
        const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').replace(/=+$/, '');
        // The first and last letters depend on what stands beside it.
        return text.slice(Math.ceil(shift * 8 / 6), -1);
    });
    const url = inside.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
    return [...new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1),
        ...inside, ...url, bytes.toString('hex'), bytes.toString('hex').toUpperCase()])]
        .filter((form) => form.length >= 8);
}

const processList = () => execFileSync('ps', ['axwwe', '-o', 'args']).toString();

test('S0-45: canary secrets appear in no log, error, recording, core or process list', async () => {
    const canaries = {
        wrong_passphrase: 'canary-passphrase-5e1f0c77',
        passphrase_as_name: 'canary-typed-in-the-name-field-91ab',
        right_passphrase: people.erik.passphrase,
        vault: house.servicePassword(),
        bearer: 'sp_canaryBearer0123456789abcdefghijklmnopqrstuvwx',
        own_authorization: 'canary-the-browsers-own-password',
        bootstrap: house.bootstrapCode,
    };
    const made = await people.anna.client.expect('POST', '/api/users', {
        login_name: 'nora', display_name: 'Nora', role: 'engineer', ...proofed,
    });
    canaries.ticket = made.ticket.code;
    const enrolling = house.client();
    await enrolling.expect('POST', '/api/enrolment', {ticket: canaries.ticket});
    canaries.short_passphrase = 'canary-x9q';
    answers.push(await enrolling.request('POST', '/api/enrolment/passphrase', {json: {passphrase: canaries.short_passphrase}}));
    const stranger = house.client();
    answers.push(await stranger.request('POST', '/api/sign-in', {
        json: {login_name: 'erik', passphrase: canaries.wrong_passphrase},
    }));
    answers.push(await stranger.request('POST', '/api/sign-in/code', {json: {code: '000000'}}));
    answers.push(await stranger.request('POST', '/api/sign-in', {
        json: {login_name: canaries.passphrase_as_name, passphrase: canaries.wrong_passphrase},
    }));
    answers.push(await stranger.request('POST', '/api/sign-in/code', {json: {code: '000000'}}));
    answers.push(await stranger.request('GET', '/api/users', {headers: {authorization: `Bearer ${canaries.bearer}`}}));
    answers.push(await stranger.request('GET', `/api/users?token=${canaries.bearer}`));
    answers.push(await stranger.request('POST', '/api/sign-in', {
        body: `{"passphrase": "${canaries.wrong_passphrase}", broken`, headers: {'content-type': 'application/json'},
    }));

    await house.grant(people);
    const erik = people.erik.client;
    await erik.expect('POST', '/api/notice', {});
    for (const path of ['/', '/infusion', '/debug', '/status', '/no-such-page', '/%00']) {
        answers.push(await erik.visit(`${house.deviceOrigin}${path}`));
    }
    const basic = Buffer.from(`erik:${canaries.own_authorization}`).toString('base64');
    answers.push(await erik.request('GET', `${house.deviceOrigin}/debug`, {headers: {authorization: `Basic ${basic}`}}));
    // What is typed where a code belongs: codes, right and wrong, and what is none. Six digits stand
    // in many a place by chance; two such codes together do not.
    const typed = {right: [], wrong: [], 'stepping up': [], 'stepping up wrongly': []};
    const anyCode = () => String(randomInt(100_000, 1_000_000));
    const sign_in = async (code, status) => {
        const client = house.client();
        answers.push(await client.request('POST', '/api/sign-in', {json: {login_name: 'erik', passphrase: people.erik.passphrase}}));
        const done = await client.request('POST', '/api/sign-in/code', {json: {code}});
        assert.equal(done.status, status, done.body.toString());
        answers.push(done);
    };
    const step_up = async (code, status) => {
        const done = await people.anna.client.request('POST', '/api/step-up', {json: {code}});
        assert.equal(done.status, status, done.body.toString());
        people.anna.client.csrf = done.json.csrf ?? people.anna.client.csrf;
        answers.push(done);
    };
    for (let time = 0; time < 2; ++time) {
        typed.wrong.push(anyCode());
        await sign_in(typed.wrong.at(-1), 401);
        typed['stepping up wrongly'].push(anyCode());
        await step_up(typed['stepping up wrongly'].at(-1), 401);
        await house.advance(60);  // for whoever typed a wrong one has to wait
        typed.right.push(await house.freshCode(people.erik));
        await sign_in(typed.right.at(-1), 200);
        typed['stepping up'].push(await house.freshCode(people.anna));
        await step_up(typed['stepping up'].at(-1), 200);
    }
    canaries.typed_as_code = 'canary-typed-as-a-code-3d7e';
    await sign_in(canaries.typed_as_code, 401);
    await step_up(canaries.typed_as_code, 401);
    canaries.code_in_address = 'canary-code-in-the-address-6b20';
    answers.push(await house.client().request('POST', `/api/sign-in/code?code=${canaries.code_in_address}`, {json: {}}));
    answers.push(await house.client().request('GET', `/sign-in/code?code=${canaries.code_in_address}`));
    await house.advance(60);
    // The command line reads what is secret from its standard input.
    const session = join(house.folder, 'terminal-session');
    let processes = '';
    const watching = setInterval(() => { processes += processList(); }, 20);
    const login = await house.sallyport(
        ['login', '--terminal', '--server', house.origin, '--ca', house.ca],
        {input: `erik\n${canaries.wrong_passphrase}\n000000\n`, env: {SALLYPORT_SESSION: session}},
    );
    clearInterval(watching);
    assert.notEqual(login.code, 0);
    await house.stepUp(people.anna);
    assert.equal((await people.anna.client.request('POST', '/api/backups', {json: {}})).status, 201);
    canaries.cookie = erik.cookies.get('sallyport.localhost').get('__Host-sallyport');
    canaries.device_cookie = [...erik.cookies.get('pump-07.gate.localhost')]
        .find(([name]) => name.startsWith('__Host-'))[1];
    canaries.seed = people.erik.seed;
    canaries.recovery = people.erik.recoveryCodes[0];

    processes += processList();
    const environment = readFileSync(`/proc/${house.server.pid}/environ`, {encoding: 'latin1', flag: 'r'});
    assert.match(readFileSync(`/proc/${house.server.pid}/limits`, 'utf8'), /^Max core file size +0 +0 /m);
    await erik.expect('POST', '/api/session/end', {});
    const recording = await house.sealedRecording(people.otto);
    const har = await people.otto.client.request('POST', `/api/recordings/${recording.id}/export`, {
        json: {reason: 'Looking for canaries'},
    });
    assert.equal(har.status, 200);
    assert.ok(har.body.includes('/infusion'), 'the recording is not empty');
    const folders = [process.cwd(), house.folder, join(house.folder, 'site'), join(house.folder, 'site/data')];
    const coresIn = (folder) => readdirSync(folder).filter((name) => /^core(\.|$)/.test(name)).length;
    const cores = folders.map(coresIn);
    house.server.kill('SIGSEGV');  // a crash leaves no core
    const [, signal] = await once(house.server, 'exit');
    assert.equal(signal, 'SIGSEGV');
    assert.deepEqual(folders.map(coresIn), cores, 'a core file was left');

    const seen = new Map([
        ['the operator\'s log', house.log],
        ['the process list', processes],
        ['the environment', environment],
        ['what the command line said', login.out + login.err],
        ['standard output after the start', house.said.slice(house.said.indexOf('Ready'))],
        ['the recording', har.body.toString('latin1')],
        ['answers', answers.map((one) => JSON.stringify(one.headers) + one.body.toString('latin1')).join('\n')],
    ]);
    for (const path of files(join(house.folder, 'site'))) {
        if (path.includes('/keys/') || path.includes('/tls/')) continue;
        seen.set(path, readFileSync(path).toString('latin1'));
    }
    for (const [name, secret] of Object.entries(canaries)) {
        for (const [where, text] of seen) {
            // An answer may hand a cookie to its owner; that is what it is for.
            if (where === 'answers' && name.includes('cookie')) continue;
            for (const form of forms(secret)) {
                assert.ok(!text.includes(form), `${name} stands in ${where}`);
            }
        }
    }
    for (const [how, codes] of Object.entries(typed)) {
        assert.equal(new Set(codes).size, 2);
        for (const [where, text] of seen) {
            const found = codes.filter((code) => new RegExp(`(?<!\\d)${code}(?!\\d)`).test(text));
            assert.ok(found.length < 2, `codes typed for ${how} stand in ${where}`);
        }
    }
    assert.match(house.log, /"level":"debug"/, 'the log was at its most talkative');
});
