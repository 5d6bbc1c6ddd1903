// New recovery codes at the terminal: somebody asks, another person agrees or refuses, and only who
// asked ever sees a code.
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House} from './house.mjs';
import {Terminal} from './terminal.mjs';

let house, people;

before(async () => {
    house = await House.open();
    people = await house.people();
    for (const person of [people.erik, people.anna]) {
        const at = new Terminal(session(person), [
            'login', '--terminal', '--server', house.origin, '--ca', house.ca, '--name', person.name,
        ]);
        await at.answer('Passphrase: ', person.passphrase);
        await at.answer('Code from your authenticator app: ', await house.freshCode(person));
        const {code, shown} = await at.end();
        assert.equal(code, 0, shown);
    }
});

after(async () => { await house?.close(); });

const session = (person) => join(house.folder, `${person.name}.session`);

const extraCodes = (person, ...words) =>
    house.sallyport(['user', 'extra-codes', ...words], {env: {SALLYPORT_SESSION: session(person)}});

async function good(person, ...words) {
    const done = await extraCodes(person, ...words);
    assert.equal(done.code, 0, `${words.join(' ')}: ${done.err}`);
    return done.out;
}

async function refused(person, words, expected) {
    const done = await extraCodes(person, ...words);
    assert.equal(done.code, 1, `${words.join(' ')}: ${done.out}${done.err}`);
    assert.match(done.err, expected);
}

// The status of a sign-in with this person's passphrase and that recovery code.
async function signInWith(person, code) {
    const client = house.client();
    await client.expect('POST', '/api/sign-in', {login_name: person.name, passphrase: person.passphrase});
    const {status} = await client.request('POST', '/api/sign-in/code', {json: {code}});
    return status;
}

test('S1-39 (part): at the terminal, extra recovery codes take a second person, who sees none of them', async () => {
    const {anna, erik} = people;
    await refused(erik, ['make'], /Nobody has agreed to new codes for you/);
    const asked = JSON.parse(await good(erik, 'ask', '--reason', 'the paper is lost', '--json'));
    assert.equal(asked.state, 'open');
    await refused(erik, ['ask', '--reason', 'the paper is still lost'], /You have asked already/);
    await refused(erik, ['make'], /Nobody has agreed to new codes for you/);
    await refused(erik, ['approve', 'erik'], /Your role does not allow this/);

    const waiting = JSON.parse(await good(anna, 'list', '--json'));
    assert.deepEqual(waiting.map((one) => [one.login_name, one.reason]), [['erik', 'the paper is lost']]);
    const approved = await good(anna, 'approve', 'erik');
    assert.doesNotMatch(approved, /[A-Z0-9]{4}-[A-Z0-9]{4}-/, 'no code');
    assert.deepEqual(JSON.parse(await good(anna, 'list', '--json')), []);

    const made = await good(erik, 'make');
    const codes = made.match(/^[A-Z0-9]{4}(-[A-Z0-9]{4})+$/gm);
    assert.equal(codes?.length, 10, made);
    await refused(erik, ['make'], /Nobody has agreed to new codes for you/);
    assert.equal(await signInWith(erik, erik.recoveryCodes[0]), 401, 'the earlier ones are worth nothing');
    assert.equal(await signInWith(erik, codes[0]), 200);
    assert.equal(await signInWith(erik, codes[0]), 401, 'each works once');

    const {events} = await people.otto.client.expect('GET', '/api/audit?type=recovery.codes');
    assert.deepEqual(events.map((one) => [one.type, one.who]).sort(), [
        ['recovery.codes_approved', 'anna'], ['recovery.codes_requested', 'erik'],
    ]);
});

test('S1-39 (part): at the terminal, extra recovery codes that are refused are not made', async () => {
    const {anna, erik} = people;
    await good(erik, 'ask', '--reason', 'one more set');
    await good(anna, 'refuse', 'erik');
    await refused(erik, ['make'], /Nobody has agreed to new codes for you/);
    await refused(anna, ['approve', 'erik'], /That is already decided/);
});
