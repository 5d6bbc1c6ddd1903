// Planted secrets, searched for everywhere that is not theirs: logs, answers, recordings as people
// see them, the database, process lists, the published log.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readFileSync, readdirSync, statSync, existsSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House} from '../e2e/house.mjs';

let house, people;
const answers = [];

before(async () => {
    house = await House.open();
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

// A secret as it is, and as it would be after a way through URLs, Base64 or JSON.
function forms(secret) {
    const bytes = Buffer.from(secret);
    return [secret, encodeURIComponent(secret), bytes.toString('base64').replace(/=+$/, ''), bytes.toString('hex')]
        .filter((form) => form.length >= 8);
}

test('S0-45: canary secrets appear in no log, error, recording, core or process list', async () => {
    const canaries = {
        wrong_passphrase: 'canary-passphrase-5e1f0c77',
        passphrase_as_name: 'canary-typed-in-the-name-field-91ab',
        right_passphrase: people.erik.passphrase,
        vault: house.servicePassword(),
        bearer: 'sp_canaryBearer0123456789abcdefghijklmnopqrstuvwx',
    };
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
    for (const path of ['/', '/infusion', '/debug', '/status']) {
        answers.push(await erik.visit(`${house.deviceOrigin}${path}`));
    }
    canaries.cookie = erik.cookies.get('sallyport.localhost').get('__Host-sallyport');
    canaries.device_cookie = [...erik.cookies.get('pump-07.gate.localhost')]
        .find(([name]) => name.startsWith('__Host-'))[1];
    canaries.seed = people.erik.seed;
    canaries.recovery = people.erik.recoveryCodes[0];

    const processes = execFileSync('ps', ['axww', '-o', 'args']).toString();
    const environment = readFileSync(`/proc/${house.server.pid}/environ`, {encoding: 'latin1', flag: 'r'});
    await erik.expect('POST', '/api/session/end', {});
    const recording = await house.sealedRecording(people.otto);
    const har = await people.otto.client.request('POST', `/api/recordings/${recording.id}/export`, {
        json: {reason: 'Looking for canaries'},
    });
    assert.equal(har.status, 200);
    assert.ok(har.body.includes('/infusion'), 'the recording is not empty');
    await house.stop('SIGSEGV');  // a crash leaves no core either

    const seen = new Map([
        ['the operator\'s log', house.log],
        ['the process list', processes],
        ['the environment', environment],
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
    assert.ok(!existsSync(join(process.cwd(), 'core')), 'a core file was left');
    assert.equal(readdirSync(house.folder).filter((name) => name.startsWith('core')).length, 0);
});
