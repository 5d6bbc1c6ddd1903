// A patient who has but a passphrase brings a passkey on the day from which everybody proves two
// factors, in a real browser, and signs in with both from then on.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House} from './house.mjs';
import {addSecurityKey, openBrowser, openPage} from './browser.mjs';
import {openWard} from './ward.mjs';

const petra = {name: 'petra', passphrase: 'seven white geese went north'};
const daysAhead = 31;
let house, people, browser, page, key;

before(async () => {
    house = await House.open();
    people = await house.people();
    await openWard(house, people);
    const made = await people.clark.client.expect('POST', '/api/users', {login_name: 'petra', display_name: 'Petra', role: 'patient'});
    const client = house.client();
    await client.expect('POST', '/api/enrolment', {ticket: made.ticket.code});
    await client.expect('POST', '/api/enrolment/passphrase', {passphrase: petra.passphrase});
    await client.expect('POST', '/api/enrolment/totp', {code: ''});
    await askAllForTwo();
    browser = await openBrowser({trusted: readFileSync(join(house.folder, 'site/tls/demo-cert.pem'))});
    page = await openPage(browser, {ignoreHTTPSErrors: false});
    key = await addSecurityKey(page);
    await key.present(false);
});

after(async () => {
    await browser?.close();
    await house?.close();
});

async function askAllForTwo() {
    const due = new Date(Date.now() + ((house.offset ?? 0) + daysAhead * 86400) * 1000);
    const policy = await people.sam.client.expect('GET', '/api/policy');
    policy.two_factors_for_all_from = due.toISOString();
    await house.stepUp(people.sam);
    const {version} = await people.sam.client.expect('POST', '/api/policy/proposals', {policy, rationale: 'two for everybody'});
    await house.stepUp(people.paula);
    await people.paula.client.expect('POST', `/api/policy/proposals/${version}/approve`, {});
    await house.advance(daysAhead * 86400 + 1);
}

// The sign-in page asks for a passkey by itself; nobody touches one yet.
async function firstForm() {
    await key.present(false);
    await page.goto(`${house.origin}/sign-in`);
    await page.fill('[name=login_name]', petra.name);
    await page.fill('[name=passphrase]', petra.passphrase);
    await page.click('form[action="/api/sign-in"] button');
}

const session = () => page.evaluate(async () => (await fetch('/api/session')).json());

test('S0-53 (part): a patient brings a passkey where the second factor is due', async () => {
    await firstForm();
    await page.waitForURL(`${house.origin}/second-factor`);
    await key.present(true);
    await page.getByRole('button', {name: 'Use a security key or passkey'}).click();
    await page.locator('#recovery-codes li').first().waitFor();
    assert.equal(await page.locator('#recovery-codes li').count(), 10);
    assert.deepEqual((await session()).amr.slice(0, 2), ['pwd', 'hwk']);
});

test('S0-53 (part): from then on the passphrase alone opens nothing, and the passkey beside it does', async () => {
    await page.context().clearCookies();
    await firstForm();
    await page.waitForURL(/sign-in\/code/);
    assert.equal(await page.evaluate(async () => (await fetch('/api/session')).status), 401);
    await key.present(true);
    await page.click('form[action="/api/sign-in/key"] button');
    await page.waitForURL(`${house.origin}/`);
    assert.equal((await session()).login_name, 'petra');
});
