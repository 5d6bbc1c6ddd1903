// A list of passphrases that became public is imported beside a running server, taken in without a
// restart, and keeps people from choosing one of them; what stops an import, and a list that is
// damaged, is told with its remedy.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {createHash} from 'node:crypto';
import {copyFileSync, readFileSync, readdirSync, truncateSync, writeFileSync} from 'node:fs';
import {once} from 'node:events';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House, binary, proofed} from './house.mjs';

let house, people, list, source;

before(async () => {
    house = await House.open();
    people = await house.people();
    list = join(house.folder, 'site/data/breach-list');
    source = join(house.folder, 'pwned.txt');
});

after(async () => { await house?.close(); });

const sha1 = (text) => createHash('sha1').update(text).digest('hex').toUpperCase();
// As the Have-I-Been-Pwned downloader writes it: sorted by hash, CRLF.
const download = (counts) => Object.entries(counts)
    .map(([text, count]) => `${sha1(text)}:${count}\r\n`).sort().join('');
const run = (...words) => house.sallyport(['breach-list', ...words, '--config', house.config]);
const imported = (...words) => run('import', source, '--reason', 'monthly, CHG-9', ...words);

// Somebody new comes with a ticket; every passphrase but the last is refused, and why is given back.
async function enrolled(name, refused, taken) {
    await house.stepUp(people.anna);
    const made = await people.anna.client.expect('POST', '/api/users', {
        login_name: name, display_name: `${name} Novak`, role: 'engineer', ...proofed,
    });
    const person = {name, passphrase: taken, client: house.client()};
    await person.client.expect('POST', '/api/enrolment', {ticket: made.ticket.code});
    const reasons = [];
    for (const passphrase of refused) {
        const answer = await person.client.request('POST', '/api/enrolment/passphrase', {json: {passphrase}});
        assert.equal(answer.status, 422, answer.body.toString());
        reasons.push(answer.json);
    }
    if (taken) await house.enrol(person);
    return reasons;
}

async function reloaded() {
    const told = () => house.log.split('breach list reloaded').length;
    const before = told();
    house.server.kill('SIGHUP');
    await house.until('the list to be taken in', () => told() > before);
}

test('a list is imported while the server runs, shown, on record, and in force after a reload', async () => {
    writeFileSync(source, download({
        'seven purple kettles': 3, 'eleven wet umbrellas': 12, 'nobody chose this one': 0,
    }));
    // Before: nothing is known of it.
    await enrolled('berta', [], 'seven purple kettles');

    const done = await imported('--json');
    assert.equal(done.code, 0, done.err);
    const facts = JSON.parse(done.out);
    assert.equal(facts.entries, 2);
    assert.equal(facts.source, 'pwned.txt');
    assert.match(done.err, /100 %/);
    assert.match(done.err, /systemctl reload sallyport/);

    const shown = await run('show');
    assert.equal(shown.code, 0, shown.err);
    assert.match(shown.out, /entries +2\n/);
    assert.ok(shown.out.includes(facts.digest));

    await reloaded();
    people.otto.client = await house.signIn(people.otto);
    const {events} = await people.otto.client.expect('GET', '/api/audit?type=breach_list.');
    assert.equal(events.length, 1);
    const told = JSON.stringify(await people.otto.client.expect('GET', `/api/audit/${events[0].id}`));
    for (const part of ['monthly, CHG-9', facts.digest, 'pwned.txt', `uid=${process.getuid()}`]) {
        assert.ok(told.includes(part), `${part} in ${told}`);
    }
});

test('S0-26 (part): enrolment refuses a breached, a common, a guessable passphrase and the person\'s own name, each with its reason', async () => {
    const [breached, common, guessable, context, short] = await enrolled(
        'clara', ['eleven wet umbrellas', 'baseball', 'Summer2026!', 'clara.novak', 'kettle!'],
        '   sechzehn grüne Kähne – ' + 'und noch einer '.repeat(5)
    );
    assert.equal(breached.type, 'urn:sallyport:passphrase.breached');
    assert.match(breached.title, /known from a breach/);
    assert.match(breached.detail ?? JSON.stringify(breached), /Choose another/);
    assert.equal(common.type, 'urn:sallyport:passphrase.common');
    assert.equal(guessable.type, 'urn:sallyport:passphrase.guessable');
    assert.equal(context.type, 'urn:sallyport:passphrase.context');
    assert.equal(short.type, 'urn:sallyport:passphrase.too_short');
});

test('what is seen seldom can be left out', async () => {
    const done = await imported('--min-count', '10', '--json');
    assert.equal(done.code, 0, done.err);
    assert.equal(JSON.parse(done.out).entries, 1);
    await reloaded();
    await enrolled('dora', ['eleven wet umbrellas'], 'seven purple kettles');
});

test('an import that is refused or stopped leaves the list that is there', async () => {
    const before = readFileSync(list);
    const unchanged = () => {
        assert.deepEqual(readFileSync(list), before);
        assert.deepEqual(
            readdirSync(join(house.folder, 'site/data')).filter((name) => name.startsWith('breach-list')).sort(),
            ['breach-list', 'breach-list.lock']
        );
    };
    writeFileSync(source, download({one: 1}) + 'two\n');
    const refused = await imported();
    assert.equal(refused.code, 1);
    assert.match(refused.err, /pwned\.txt was not imported: line 2: must be the 40 hexadecimal digits/);
    unchanged();

    writeFileSync(source, '8846F7EAEE8FB117AD06BDD830B7586C:1\n');
    assert.match((await imported()).err, /NTLM/);
    unchanged();

    // Long enough for the signal to come in between; zero lines that are padding make it so.
    writeFileSync(source, `${'0'.repeat(40)}:0\n`.repeat(3_000_000));
    const child = spawn(binary, [
        'breach-list', 'import', source, '--config', house.config, '--reason', 'x',
    ], {stdio: ['ignore', 'ignore', 'pipe']});
    let err = '';
    for await (const chunk of child.stderr) {
        err += chunk;
        if (!child.killed) child.kill('SIGTERM');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    assert.equal(child.signalCode, null);
    assert.equal(child.exitCode, 1, err);
    assert.match(err, /stopped; the breach list in force is what it was/);
    unchanged();
});

test('a damaged or truncated list is not taken in while the server runs, and refused at its start', async () => {
    const whole = join(house.folder, 'whole');
    copyFileSync(list, whole);
    const damaged = readFileSync(list);
    damaged[damaged.length - 1] ^= 1;
    writeFileSync(list, damaged);
    house.server.kill('SIGHUP');
    await house.until('the refusal', () => house.log.includes('breach list kept as it was'));
    assert.match((await run('show')).err, /shard 0 was changed; import it again with/);
    await house.stop();
    const refusesToStart = async (why) => {
        await assert.rejects(house.start(), /ended with 1/);
        await house.until('why', () => why.test(house.log));
    };
    await refusesToStart(/breach list .*breach-list can't be used: shard 0 was changed; import it again/);
    copyFileSync(whole, list);
    truncateSync(list, damaged.length - 1);
    await refusesToStart(/breach-list can't be used: it has \d+ bytes in place of \d+/);

    copyFileSync(whole, list);
    await house.start();
    people.anna.client = await house.signIn(people.anna);
    await enrolled('frieda', ['eleven wet umbrellas'], 'the ferry turns at dusk');
});
