// The policy changed by people: at the terminal with a file, and on the page with its forms, without
// scripts. One proposes, another reads in words what changes and approves; nobody approves their own.
import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {faults} from './axe.mjs';
import {follow, openBrowser} from './browser.mjs';
import {House, proofed} from './house.mjs';
import {Terminal} from './terminal.mjs';

let house, people, browser;

before(async () => {
    house = await House.open();
    people = await house.people();
    await house.stepUp(people.anna);
    await addSam();
    browser = await openBrowser();
});

after(async () => {
    await browser?.close();
    await house?.close();
});

const session = (person) => join(house.folder, `${person.name}.session`);

async function addSam() {
    const made = await people.anna.client.expect('POST', '/api/users', {
        login_name: 'sam', display_name: 'Sam', role: 'security_officer', ...proofed,
    });
    const sam = {name: 'sam', role: 'security_officer', passphrase: 'nine brass bells at noon', client: house.client()};
    await sam.client.expect('POST', '/api/enrolment', {ticket: made.ticket.code});
    await house.enrol(sam);
    people.sam = sam;
}

async function login(person) {
    const at = new Terminal(session(person), [
        'login', '--terminal', '--server', house.origin, '--ca', house.ca, '--name', person.name,
    ]);
    await at.answer('Passphrase: ', person.passphrase);
    await at.answer('Code from your authenticator app: ', await house.freshCode(person));
    const {code, shown} = await at.end();
    assert.equal(code, 0, shown);
}

const policy = (person, ...words) => house.sallyport(['policy', ...words], {env: {SALLYPORT_SESSION: session(person)}});

async function good(person, ...words) {
    const done = await policy(person, ...words);
    assert.equal(done.code, 0, `policy ${words.join(' ')}: ${done.err}`);
    return done.out;
}

async function refused(person, words, expected) {
    const done = await policy(person, ...words);
    assert.equal(done.code, 1, `policy ${words.join(' ')}: ${done.out}${done.err}`);
    assert.match(done.err, expected);
    return done.out;
}

// The policy in force, changed as text, in a file.
async function changed(name, change) {
    const file = join(house.folder, name);
    const text = await good(people.sam, 'show', '--json');
    const other = change(text);
    assert.notEqual(other, text);
    writeFileSync(file, other);
    return file;
}

const inForce = async () => JSON.parse(await good(people.sam, 'show', '--json'));

test('S0-48 (part): at the terminal the policy is shown role by role, with what each is for and must show', async () => {
    await login(people.sam);
    await login(people.paula);
    const shown = await good(people.paula, 'show');
    const roles = [...shown.matchAll(/^(\w+) \(scope (\w+)\)$/gm)].map((match) => match[1]);
    assert.deepEqual(roles, (await inForce()).roles.map((role) => role.name));
    for (const label of ['Job function', 'Purpose', 'Can', "Can't", 'Risk class', 'Must show', 'Owner', 'Intended use', 'Times']) {
        const said = shown.split('\n').filter((line) => line.startsWith(`  ${label} `) && line.length > 25);
        assert.equal(said.length, roles.length, label);
    }
    assert.match(shown, /^ {2}Everybody on a device that is not in order can only look after their own account\./m);
    const [, sensitive] = shown.match(/^Sensitive actions.* older than 5 minutes\n((?: {2}\S+\n)+)/m);
    assert.deepEqual(sensitive.trim().split(/\s+/).sort(), [...(await inForce()).step_up].sort());
});

test('a file is proposed at the terminal, and a second person reads in words what changes before it is in force', async () => {
    const {sam, paula} = people;
    const file = await changed('next.json', (text) => text
        .replace('"visit_max_seconds": 14400', '"visit_max_seconds": 7200')
        .replace('"connection.watch",\n        "recording.read"', '"connection.watch",\n        "audit.read",\n        "recording.read"'));
    const proposed = await good(sam, 'propose', file, '--reason', 'shorter visits, for a trial');
    assert.match(proposed, /^role approver\nweaker {2}permission audit\.read: no -> yes$/m);
    assert.match(proposed, /^the policy\n {8}longest visit: 4 hours -> 2 hours$/m);
    assert.match(proposed, /Proposed as version 2\. Another person approves it with: sallyport policy approve 2/);
    assert.match(await good(paula, 'list'), /^2 +proposed +sam +2\d{3}-\S+ +shorter visits, for a trial/m);

    // Whoever proposed it can't put it into force, and nobody does without having been asked.
    assert.match(await refused(sam, ['approve', '2', '--yes'], /Your role does not allow this/), /^weaker/m);
    const unasked = await refused(paula, ['approve', '2'], /Nothing was approved.*--yes/s);
    assert.match(unasked, /^Version 2, proposed by sam: shorter visits, for a trial\n/);
    const hesitant = new Terminal(session(paula), ['policy', 'approve', '2']);
    assert.match(await hesitant.answer('Type yes to put it into force: ', 'no'), /weaker {2}permission audit\.read: no -> yes/);
    assert.equal((await hesitant.end()).code, 1);
    assert.equal((await inForce()).version, 1);

    // A number that is not as listed would be read as one that nobody was shown.
    await refused(paula, ['approve', '02'], /No version of the policy is "02"; sallyport policy list shows/);
    const decided = new Terminal(session(paula), ['policy', 'approve', '2']);
    await decided.answer('Type yes to put it into force: ', 'yes');
    const {code, rest} = await decided.end();
    assert.equal(code, 0, rest);
    assert.match(rest, /Version 2 is in force\./);
    const now = await inForce();
    assert.deepEqual([now.version, now.visit_max_seconds], [2, 7200]);
    await refused(paula, ['approve', '2', '--yes'], /That proposal is already decided/);
    await refused(paula, ['approve', '7', '--yes'], /No version of the policy is "7"/);
});

test('a file that can\'t be a policy is refused with its line and column, why, and what to do', async () => {
    const {sam} = people;
    const propose = (file) => ['propose', file, '--reason', 'to see what is said'];
    const wrong = await changed('wrong.json', (text) => text.replace('"risk": "medium"', '"risk": "middling"'));
    const line = readFileSync(wrong, 'utf8').split('\n').findIndex((each) => each.includes('middling')) + 1;
    await refused(sam, propose(wrong), new RegExp(
        `The policy can't be read\\. Correct the member named here\\. \\(line ${line}, column 15: roles\\[1\\]\\.risk: must be low`));
    const short = await changed('short.json', (text) => text.replace(/"purpose": "Lets those who treat.*\n\s*/, ''));
    const at = readFileSync(short, 'utf8').split('\n').findIndex((each) => each.includes('"name": "clinician"'));
    await refused(sam, propose(short), new RegExp(
        `A role lacks something that it must say\\. Add the member named here\\. \\(line ${at}, column 5: roles\\.clinician\\.purpose: is missing`));
    const broken = await changed('broken.json', (text) => text.replace('"roles": [', 'roles: ['));
    const there = readFileSync(broken, 'utf8').split('\n').findIndex((each) => each.includes('  roles: [')) + 1;
    await refused(sam, propose(broken), new RegExp(`line ${there}, column 3: not JSON`));
    await refused(sam, ['propose', await changed('same.json', (text) => text + '\n'), '--reason', 'nothing at all'],
        /The proposal changes nothing\. Change something, or leave it\./);
    await refused(people.paula, propose(wrong), /Your role does not allow this/);
});

async function plainPage(person) {
    const context = await browser.newContext({ignoreHTTPSErrors: true, javaScriptEnabled: false});
    const page = await context.newPage();
    page.setDefaultTimeout(20000);
    await page.goto(`${house.origin}/sign-in`);
    await page.fill('[name=login_name]', person.name);
    await page.fill('[name=passphrase]', person.passphrase);
    await page.click('main button');
    await page.fill('[name=code]', await house.freshCode(person));
    await page.click('main button');
    await page.waitForURL(`${house.origin}/`);
    await page.goto(`${house.origin}/policy`);
    return page;
}

test('without scripts the policy is proposed and decided on its page, by two people', async () => {
    const sams = await plainPage(people.sam);
    const form = sams.locator('form[action="/api/policy/proposals"]');
    const text = await form.locator('textarea').inputValue();
    assert.deepEqual(JSON.parse(text), await inForce());
    await form.locator('textarea').fill(text.replace('"visit_max_seconds": 7200', '"visit_max_seconds": "long"'));
    await form.locator('[name=rationale]').fill('back to what it was');
    await follow(sams, form.locator('button'));
    assert.match(await sams.textContent('#problem'), /Correct the member named here.*line \d+, column \d+: visit_max_seconds: must be a whole number/s);
    assert.match(await form.locator('textarea').inputValue(), /"visit_max_seconds": "long"/, 'nothing typed is lost');
    await form.locator('textarea').fill(text.replace('"visit_max_seconds": 7200', '"visit_max_seconds": 14400'));
    await follow(sams, form.locator('button'));
    assert.equal(await sams.locator('form[action$="/approve"]').count(), 0, 'nobody approves their own');

    const paulas = await plainPage(people.paula);
    const proposal = paulas.locator('section', {has: paulas.locator('h3:text-is("Version 3: proposed")')});
    assert.match(await proposal.locator('tbody').innerText(), /the policy\s+longest visit weaker\s+2 hours\s+4 hours/);
    await follow(paulas, proposal.locator('form[action="/api/policy/proposals/3/approve"] button'));
    assert.match(await paulas.textContent('main'), /Version 3 is in force/);
    assert.equal((await inForce()).visit_max_seconds, 14400);
    await Promise.all([sams.context().close(), paulas.context().close()]);
});

test('nobody approves their own proposal, not even with another role', async () => {
    const {sam, anna, paula} = people;
    const file = await changed('own.json', (text) => text.replace('"visit_max_seconds": 14400', '"visit_max_seconds": 3600'));
    await login(sam);
    await good(sam, 'propose', file, '--reason', 'even shorter visits');
    await house.stepUp(anna);
    await anna.client.expect('POST', '/api/users/sam/role', {role: 'approver', reason: 'another job'});
    await login(sam);
    await refused(sam, ['approve', '4', '--yes'], /Nobody approves their own proposal\. Another person has to decide\./);
    await login(paula);
    assert.match(await good(paula, 'reject', '4'), /Version 4 is rejected\./);
    assert.match(await good(paula, 'list'), /^4 +rejected +sam +\S+ +paula /m);
    const {events} = await people.otto.client.expect('GET', '/api/audit?type=config.');
    assert.deepEqual(events.map((one) => `${one.type} ${one.who}`).slice(0, 2), ['config.rejected paula', 'config.proposed sam']);
});

test('axe-core finds nothing on the policy with a proposal and its forms, and a phone shows it all', async () => {
    await house.stepUp(people.anna);
    await people.anna.client.expect('POST', '/api/users/sam/role', {role: 'security_officer', reason: 'back again'});
    await login(people.sam);
    const file = await changed('seen.json', (text) => text.replace('"visit_max_seconds": 14400', '"visit_max_seconds": 3600'));
    await good(people.sam, 'propose', file, '--reason', 'to look at it');
    for (const person of [people.sam, people.paula]) {
        const context = await browser.newContext({ignoreHTTPSErrors: true, bypassCSP: true});
        const page = await context.newPage();
        await page.goto(`${house.origin}/sign-in`);
        await page.fill('[name=login_name]', person.name);
        await page.fill('[name=passphrase]', person.passphrase);
        await page.click('main button');
        await page.fill('[name=code]', await house.freshCode(person));
        await Promise.all([page.waitForURL(`${house.origin}/`), page.click('main button')]);
        await page.goto(`${house.origin}/policy`);
        assert.deepEqual(await faults(page), [], person.name);
        await context.close();
    }
});
