// Lists at the terminal: what is longer than a page says so, and can be had to its end. And a
// session that is over leaves nothing behind at sign-out.
import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House} from './house.mjs';

let house, people;

before(async () => {
    house = await House.open();
    people = await house.people();
    await house.registerPump(people.anna);
});

after(async () => { await house?.close(); });

const session = (name) => join(house.folder, `${name}.session`);
const cli = (name, words, input = '') => house.sallyport(words, {input, env: {SALLYPORT_SESSION: session(name)}});

async function good(name, words, input) {
    const done = await cli(name, words, input);
    assert.equal(done.code, 0, `${words.join(' ')}: ${done.err}`);
    return done;
}

async function login(name) {
    const person = people[name];
    await good(name, ['login', '--terminal', '--server', house.origin, '--ca', house.ca, '--name', name],
        `${person.passphrase}\n${await house.freshCode(person)}\n`);
    assert.ok(existsSync(session(name)));
}

// All ids of a list, by following what each page says.
async function idsOf(name, words) {
    const ids = [];
    for (let after = []; ;) {
        const {out, err} = await good(name, [...words, ...after, '--json']);
        ids.push(...JSON.parse(out).map((row) => row.id));
        const next = err.match(/There are more: --after (\S+) goes on, --all shows all\.\n/);
        if (!next) {
            assert.equal(err, '');
            return ids;
        }
        after = ['--after', next[1]];
    }
}

// Once told page by page, and once with --all: the same, each once.
async function whole(name, words, count) {
    const ids = await idsOf(name, [...words, '--count', '2']);
    assert.equal(ids.length, count, words.join(' '));
    assert.equal(new Set(ids).size, count);
    const {out, err} = await good(name, [...words, '--all', '--json']);
    assert.deepEqual(JSON.parse(out).map((row) => row.id), ids);
    assert.equal(err, '');
}

test('grants, accounts and recordings are listed to their end; a cut list says so', async () => {
    const {erik} = people;
    await erik.client.expect('POST', '/api/notice', {});
    for (const device of ['pump-08', 'pump-09']) await house.registerPump(people.anna, undefined, {name: device});
    for (const device of ['pump-07', 'pump-08', 'pump-09']) {
        await house.grant(people, {device});
        const seen = await erik.client.visit(`${house.deviceOrigin.replace('pump-07', device)}/infusion`);
        assert.equal(seen.status, 200, device);
    }
    const now = Date.now() + (house.offset ?? 0) * 1000;
    await erik.client.expect('POST', '/api/grants', {
        device: 'pump-07', purpose: 'Waits for a decision', change_ticket: 'CHG-1043',
        from: new Date(now).toISOString(), until: new Date(now + 3600000).toISOString(),
    });
    for (const name of ['anna', 'erik', 'paula', 'otto']) await login(name);

    await whole('erik', ['grant', 'list'], 4);
    await whole('paula', ['grant', 'list'], 4);
    await whole('anna', ['user', 'list'], 4);
    await whole('otto', ['recording', 'list'], 3);
    const undecided = JSON.parse((await good('paula', ['grant', 'list', '--undecided', '--json'])).out);
    assert.deepEqual(undecided.map((grant) => grant.change_ticket), ['CHG-1043']);

    const recordings = async (...words) =>
        JSON.parse((await good('otto', ['recording', 'list', ...words, '--json'])).out).map((one) => one.device);
    assert.deepEqual(await recordings('--device', 'pump-08'), ['pump-08']);
    assert.equal((await recordings('--login', 'erik')).length, 3);
    assert.deepEqual(await recordings('--until', '2020-01-01T00:00:00Z'), []);
    assert.deepEqual(await recordings('--from', '2100-01-01T00:00:00Z'), []);
    assert.match((await cli('otto', ['recording', 'list', '--device', 'pump-99'])).err, /not registered/);
    const table = await good('otto', ['recording', 'list', '--count', '1']);
    assert.equal(table.out.trim().split('\n').length, 2, 'a heading and one visit');
    assert.match(table.err, /^There are more: /);
    assert.equal((await cli('otto', ['recording', 'list', '--count', '1', '--all'])).code, 2);
});

test('logout leaves no token here, also of a session that is over or that nobody can be told of', async () => {
    await house.advance(12 * 3600);
    const over = await good('erik', ['logout']);
    assert.match(over.out, /over already; its token here is deleted/);
    assert.ok(!existsSync(session('erik')));

    await login('otto');
    assert.match((await good('otto', ['logout'])).out, /^Signed out\.$/m);
    assert.ok(!existsSync(session('otto')));

    await login('paula');
    await house.stop();
    const untold = await cli('paula', ['logout']);
    assert.equal(untold.code, 1);
    assert.match(untold.err, /nothing listens there.*The token here is deleted/s);
    assert.ok(!existsSync(session('paula')));
    assert.match((await cli('paula', ['logout'])).err, /not signed in/);
});
