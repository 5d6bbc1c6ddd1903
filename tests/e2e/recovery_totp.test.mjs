// Somebody who lost everything calls the help desk; somebody sees what they did not do; a passphrase
// is known to others; the last administrator is gone. In Chromium, and at the terminal of the host.
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House, proofed} from './house.mjs';
import {follow, openBrowser, openPage} from './browser.mjs';

let house, browser, people;

before(async () => {
    house = await House.open();
    people = await house.people();
    for (const [name, role, passphrase] of [
        ['bert', 'gateway_administrator', 'two boats drift past the pier'],
        ['sam', 'security_officer', 'nobody feeds the night heron'],
    ]) {
        await house.stepUp(people.anna);
        const made = await people.anna.client.expect('POST', '/api/users', {
            login_name: name, display_name: name, role, ...proofed,
        });
        people[name] = {name, role, passphrase, client: house.client()};
        await people[name].client.expect('POST', '/api/enrolment', {ticket: made.ticket.code});
        await house.enrol(people[name]);
    }
    browser = await openBrowser();
});

after(async () => {
    await browser?.close();
    await house?.close();
});

const click = (page, name) => follow(page, page.getByRole('button', {name, exact: true}));

async function firstForm(page, person) {
    await page.goto(house.origin + '/sign-in');
    await page.fill('[name=login_name]', person.name);
    await page.fill('[name=passphrase]', person.passphrase);
    await click(page, 'Continue');
    await page.fill('[name=code]', await house.freshCode(person));
    await click(page, 'Sign in');
}

// A window of their own, signed in just now.
async function window(person) {
    const page = await openPage(browser);
    await firstForm(page, person);
    await page.waitForURL(house.origin + '/');
    return page;
}

async function enrolAnew(page, person, passphrase) {
    person.passphrase = passphrase;
    await page.fill('[name=passphrase]', passphrase);
    await page.fill('[name=repeated]', passphrase);
    await click(page, 'Continue');
    person.seed = (await page.textContent('#seed')).replaceAll(' ', '');
    await page.fill('[name=code]', await house.freshCode(person));
    await click(page, 'Finish');
    assert.equal(await page.locator('#recovery-codes li').count(), 10);
}

test('S1-29 (part): a help desk recovers an account on its pages, and neither of the two could take it', async () => {
    const agent = await window(people.bert);
    await agent.goto(house.origin + '/recovery');
    assert.match(await agent.textContent('main'), /proves nothing/);
    assert.equal(await agent.locator('input[name*=question]').count(), 0);
    await agent.fill('[name=login_name]', 'erik');
    await agent.check('[name=called_back]');
    await agent.fill('[name=note]', 'HD-4711');
    await click(agent, 'Open a case');
    const agentCode = await agent.textContent('#agent-code');
    await agent.goto(house.origin + '/recovery');
    assert.equal(await agent.getByRole('button', {name: 'Approve'}).count(), 0);

    const approver = await window(people.sam);
    await approver.goto(house.origin + '/recovery');
    assert.match(await approver.textContent('main'), /erik.*bert.*called_back.*HD-4711/s);
    assert.ok(!(await approver.content()).includes(agentCode));
    await click(approver, 'Approve');
    const code = await approver.textContent('#ticket');

    const erik = await openPage(browser);
    for (const [ticket, second] of [[code, ''], [agentCode, ''], [agentCode, code]]) {
        await erik.goto(house.origin + '/enrol');
        await erik.fill('[name=ticket]', ticket);
        await erik.fill('[name=agent_code]', second);
        await click(erik, 'Begin');
        await erik.waitForSelector('#problem');
    }
    assert.equal((await people.erik.client.request('GET', '/api/session')).status, 200);
    await erik.fill('[name=ticket]', code.toLowerCase());
    await erik.fill('[name=agent_code]', agentCode.replaceAll('-', ' '));
    await click(erik, 'Begin');
    assert.equal((await people.erik.client.request('GET', '/api/session')).status, 401);
    await enrolAnew(erik, people.erik, 'nine tall chimneys smoke');
    await erik.goto(house.origin + '/security');
    const notices = await erik.textContent('#notices');
    assert.match(notices, /recovery of your account was approved.*Approved by: sam\./);
    assert.match(notices, /was recovered/);
    people.erik.client = await house.signIn(people.erik);
});

test('this wasn\'t me: reported on one\'s own page, found and closed on another\'s', async () => {
    const erik = await window(people.erik);
    await erik.goto(house.origin + '/security');
    await erik.fill('[name=said]', 'I did not sign in <b>last night</b>');
    await click(erik, 'This wasn\'t me');
    assert.match(await erik.textContent('#reported'), /2 other sign-ins were ended/);
    assert.equal((await people.erik.client.request('GET', '/api/session')).status, 401);

    const sam = await window(people.sam);
    await sam.goto(house.origin + '/security');
    assert.match(await sam.textContent('#notices'), /erik.*reported/);
    await sam.goto(house.origin + '/incidents');
    await sam.locator('tbody a').first().click();
    assert.equal(await sam.textContent('#said'), 'I did not sign in <b>last night</b>');
    const events = await sam.textContent('tbody');
    for (const type of ['authn.success', 'session.created', 'recovery.approved']) assert.ok(events.includes(type), type);
    await sam.fill('[name=reason]', 'it was the night shift');
    await click(sam, 'Close the report');
    await erik.goto(house.origin + '/security');
    assert.match(await erik.textContent('#notices'), /it was the night shift/);
});

test('S0-85 (part): after compromise is signalled, sign-in in a browser sets a new passphrase before anything else', async () => {
    const before = await window(people.erik);
    await house.stepUp(people.anna);
    await people.anna.client.expect('POST', '/api/users/erik/compromised', {});
    await before.goto(house.origin + '/security');
    assert.equal(new URL(before.url()).pathname, '/sign-in');

    const erik = await openPage(browser);
    await firstForm(erik, people.erik);
    await erik.waitForURL(house.origin + '/passphrase');
    await erik.goto(house.origin + '/security');
    assert.equal(new URL(erik.url()).pathname, '/sign-in', 'nothing else first');
    await erik.goto(house.origin + '/passphrase');
    for (const [one, two, why] of [
        [people.erik.passphrase, people.erik.passphrase, /others may know/],
        ['three kites above the dam', 'three kites over the dam', /same|differ/i],
    ]) {
        await erik.fill('[name=passphrase]', one);
        await erik.fill('[name=repeated]', two);
        await click(erik, 'Set it');
        assert.match(await erik.textContent('#problem'), why);
    }
    people.erik.passphrase = 'three kites above the dam';
    await erik.fill('[name=passphrase]', people.erik.passphrase);
    await erik.fill('[name=repeated]', people.erik.passphrase);
    await click(erik, 'Set it');
    await erik.waitForSelector('#changed');
    await firstForm(erik, people.erik);
    await erik.waitForURL(house.origin + '/');
});

// At the host's terminal, by the server's clock.
let terminals = 0;
const atHost = (...words) => house.sallyport(
    ['recovery', 'admin', ...words, '--config', house.config, '--reason', 'both phones are gone'],
    {env: {
        TEST_CLOCK_SOCKET: join(house.folder, `host-clock-${++terminals}`),
        TEST_CLOCK_ADVANCED: String(Math.round((house.offset ?? 0) * 1e6)),
    }}
);

test('the last administrator comes back by the host: alarmed, refused by another, approved, or after 24 hours', async () => {
    const no = await atHost('erik');
    assert.equal(no.code, 1);
    assert.match(no.err, /administers nobody/);

    // Beside the running server.
    const first = await atHost('anna');
    assert.equal(first.code, 0, first.err);
    assert.match(first.out, /\d+ other people have a notice/);
    people.bert.client = await house.signIn(people.bert);
    const {notices} = await people.bert.client.expect('GET', '/api/self/notices');
    assert.ok(notices.some((one) => one.kind === 'recovery_alarm' && one.subject === 'anna'));
    const {recoveries} = await people.bert.client.expect('GET', '/api/recovery?state=open');
    assert.equal(recoveries.length, 1);
    assert.equal(recoveries[0].opened_by, 'the server\'s host');
    people.otto.client = await house.signIn(people.otto);
    const {events} = await people.otto.client.expect('GET', '/api/audit?type=detect.alert');
    assert.ok(events.length > 0);
    const ticket = (made) => made.out.match(/^Code \(shown this once\): (\S+)$/m)[1];
    const enrolling = (code) => house.client().request('POST', '/api/enrolment', {json: {ticket: code}});
    assert.equal((await enrolling(ticket(first))).status, 403, 'not yet');
    await people.bert.client.expect('POST', `/api/recovery/${recoveries[0].id}/refuse`, {reason: 'she has her phone'});

    // And while the server is stopped; then nobody approves for a day.
    await house.stop();
    const second = await atHost('anna');
    assert.equal(second.code, 0, second.err);
    await house.start();
    assert.equal((await enrolling(ticket(second))).status, 403, 'not yet');
    await house.advance(24 * 3600 + 60);
    const anna = await openPage(browser);
    await anna.goto(house.origin + '/enrol');
    await anna.fill('[name=ticket]', ticket(second));
    await click(anna, 'Begin');
    await enrolAnew(anna, people.anna, 'six owls on the chapel roof');
    people.anna.client = await house.signIn(people.anna);
    const listed = await people.anna.client.expect('GET', '/api/recovery');
    assert.deepEqual(listed.recoveries.slice(0, 2).map((one) => one.state), ['completed', 'refused']);
});
