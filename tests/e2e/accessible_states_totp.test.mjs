// Pages as people meet them in the middle of something, which no address alone leads to: looked at by
// axe-core, in light and in dark, at a phone's width too.
import assert from 'node:assert/strict';
import {createHash, randomBytes} from 'node:crypto';
import {after, before, test} from 'node:test';
import {faults} from './axe.mjs';
import {openBrowser} from './browser.mjs';
import {House} from './house.mjs';
import {add} from './ward.mjs';

let house, browser, people;

before(async () => {
    house = await House.open();
    people = await house.people();
    for (const [name, role, passphrase] of [
        ['bert', 'gateway_administrator', 'two boats drift past the pier'],
        ['sam', 'security_officer', 'nobody feeds the night heron'],
        ['clark', 'clinical_administrator', 'the lighthouse keeper sleeps'],
    ]) {
        await house.stepUp(people.anna);
        await add({house, people}, name, role, passphrase);
    }
    browser = await openBrowser();
});

after(async () => {
    await browser?.close();
    await house?.close();
});

// The policy that the server sends is tested elsewhere; here it would keep the examiner out.
async function open() {
    const context = await browser.newContext({ignoreHTTPSErrors: true, bypassCSP: true});
    const page = await context.newPage();
    page.setDefaultTimeout(20000);
    return page;
}

const click = (page, name) => page.getByRole('button', {name, exact: true}).click();
const finds = async (page, what) => assert.deepEqual(await faults(page), [], what);

async function firstForm(page, {name, passphrase}) {
    await page.goto(`${house.origin}/sign-in`);
    await page.fill('[name=login_name]', name);
    await page.fill('[name=passphrase]', passphrase);
    await click(page, 'Continue');
}

async function window(person) {
    const page = await open();
    await firstForm(page, person);
    await page.fill('[name=code]', await house.freshCode(person));
    await click(page, 'Sign in');
    await page.waitForURL(`${house.origin}/`);
    return page;
}

test('axe-core finds nothing on a sign-in that was refused', async () => {
    const page = await open();
    await firstForm(page, {name: 'erik', passphrase: 'not the right one at all'});
    await page.fill('[name=code]', '000000');
    await click(page, 'Sign in');
    await page.locator('#problem').waitFor();
    await finds(page, 'refused');
    await page.context().close();
});

test('axe-core finds nothing while a phone is asked, at the desk and on the phone', async () => {
    const phone = await window(people.erik);
    await phone.goto(`${house.origin}/security/phone`);
    await phone.getByLabel('What you call it').fill('My phone');
    await phone.getByLabel('I have read this.').check();
    await click(phone, 'Add this phone');
    await phone.waitForURL('**/phone/question');

    const desk = await open();
    await firstForm(desk, people.erik);
    await click(desk, 'Ask my phone');
    const number = await desk.locator('#number strong').innerText();
    await phone.getByLabel('The number on the sign-in page').waitFor();
    await finds(phone, 'the question');
    assert.equal(new URL(desk.url()).pathname, '/sign-in/push');
    await finds(desk, 'the desk that waits');
    await phone.getByLabel('The number on the sign-in page').fill(number);
    await click(phone, 'Send the number');
    // The page at the desk notices by itself.
    await desk.getByRole('button', {name: 'Go on'}).waitFor();
    await finds(desk, 'the desk that may go on');
    await click(desk, 'Go on');
    await desk.getByRole('button', {name: 'Sign out'}).waitFor();

    await desk.goto(`${house.origin}/step-up?next=/security`);
    await click(desk, 'Ask my phone');
    await desk.locator('#number strong').waitFor();
    assert.equal(new URL(desk.url()).pathname, '/step-up/push');
    await finds(desk, 'the step-up that waits');
    await Promise.all([phone.context().close(), desk.context().close()]);
});

test('axe-core finds nothing on the page of one person, and where the command line asks', async () => {
    const page = await window(people.anna);
    await page.goto(`${house.origin}/users/erik`);
    assert.match(await page.textContent('main'), /erik/);
    await finds(page, '/users/erik');
    const state = randomBytes(32).toString('base64url');
    const challenge = createHash('sha256').update(state).digest('base64url');
    await page.goto(`${house.origin}/cli-sign-in?port=40000&challenge=${challenge}&state=${state}`);
    await page.locator('form[action="/api/cli-sign-in"]').waitFor();
    await finds(page, '/cli-sign-in');
    await page.context().close();
});

test('axe-core finds nothing on one report that somebody made of their account', async () => {
    const paula = await window(people.paula);
    await paula.goto(`${house.origin}/security`);
    await paula.fill('[name=said]', 'I did not sign in last night');
    await click(paula, 'This wasn\'t me');
    await paula.locator('#reported').waitFor();
    await finds(paula, 'reported');
    const sam = await window(people.sam);
    await sam.goto(`${house.origin}/incidents`);
    await sam.locator('tbody a').first().click();
    await sam.locator('#said').waitFor();
    await finds(sam, '/incidents/{id}');
    people.paula.client = await house.signIn(people.paula);
    await Promise.all([paula.context().close(), sam.context().close()]);
});

test('axe-core finds nothing on a recording of a visit', async () => {
    people.erik.client = await house.signIn(people.erik);
    await house.stepUp(people.anna);
    await house.registerPump(people.anna);
    await house.grant(people);
    await people.erik.client.expect('POST', '/api/notice', {});
    assert.equal((await people.erik.client.visit(`${house.deviceOrigin}/infusion`)).status, 200);
    const {connections} = await people.paula.client.expect('GET', '/api/connections');
    for (const {id} of connections) await people.paula.client.expect('POST', `/api/connections/${id}/end`, {});
    people.otto.client = await house.signIn(people.otto);
    const {id} = await house.sealedRecording(people.otto);
    const page = await window(people.otto);
    await page.goto(`${house.origin}/recordings/${id}`);
    await page.getByRole('cell', {name: /^GET / }).first().waitFor();
    await finds(page, '/recordings/{id}');
    await page.context().close();
});

test('axe-core finds nothing where the help desk reads out the codes of a recovery', async () => {
    const agent = await window(people.bert);
    await agent.goto(`${house.origin}/recovery`);
    await agent.fill('[name=login_name]', 'erik');
    await agent.check('[name=called_back]');
    await agent.fill('[name=note]', 'HD-4711');
    await click(agent, 'Open a case');
    await agent.locator('#agent-code').waitFor();
    await finds(agent, 'the code of the agent');
    const approver = await window(people.sam);
    await approver.goto(`${house.origin}/recovery`);
    await finds(approver, 'the case');
    await click(approver, 'Approve');
    await approver.locator('#ticket').waitFor();
    await finds(approver, 'the code of the approver');
    await Promise.all([agent.context().close(), approver.context().close()]);
});

// A patient who has but a passphrase, on the day from which everybody brings two factors.
test('axe-core finds nothing where a patient sets up the second factor that is now due', async () => {
    const petra = {name: 'petra', passphrase: 'seven white geese went north', client: house.client()};
    const clark = await house.signIn(people.clark);
    const made = await clark.expect('POST', '/api/users', {login_name: 'petra', display_name: 'Petra', role: 'patient'});
    await petra.client.expect('POST', '/api/enrolment', {ticket: made.ticket.code});
    await petra.client.expect('POST', '/api/enrolment/passphrase', {passphrase: petra.passphrase});
    await petra.client.expect('POST', '/api/enrolment/totp', {code: ''});

    const daysAhead = 31;
    const due = new Date(Date.now() + ((house.offset ?? 0) + daysAhead * 86400) * 1000);
    people.sam.client = await house.signIn(people.sam);
    people.paula.client = await house.signIn(people.paula);
    const policy = await people.sam.client.expect('GET', '/api/policy');
    policy.two_factors_for_all_from = due.toISOString();
    const {version} = await people.sam.client.expect('POST', '/api/policy/proposals', {policy, rationale: 'two for everybody'});
    await house.stepUp(people.paula);
    await people.paula.client.expect('POST', `/api/policy/proposals/${version}/approve`, {});
    await house.advance(daysAhead * 86400 + 1);

    const page = await open();
    await firstForm(page, petra);
    await page.waitForURL(`${house.origin}/second-factor`);
    await finds(page, 'due');
    await click(page, 'Set up my app');
    await page.locator('.qr svg').waitFor();
    await finds(page, 'its QR code');
    await page.context().close();
});
