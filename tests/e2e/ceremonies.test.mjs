// Every ceremony with a security key where the shipped policy demands one: the first start, a ticket, a
// lost key; and keys of other kinds as the second step. With the browser's own virtual authenticators.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House, proofed} from './house.mjs';
import {addSecurityKey, openBrowser, openPage} from './browser.mjs';
import {realSite} from './site.mjs';

const anna = {name: 'anna', passphrase: 'four lamps over the harbour'};
const nora = {name: 'nora', passphrase: 'a kettle sings in the attic'};

let house, browser;

before(async () => {
    house = await House.open({prepare: realSite()});
    browser = await openBrowser({trusted: readFileSync(join(house.folder, 'site/tls/sallyport.localhost.pem'))});
});

after(async () => {
    await browser?.close();
    await house?.close();
});

const click = (page, name) => page.getByRole('button', {name, exact: true}).click();
const session = (page) => page.evaluate(async () => (await fetch('/api/session')).json());

// A browser of this person's own, with a key that nobody has used yet.
async function sitDown(person) {
    person.page = await openPage(browser, {ignoreHTTPSErrors: false});
    person.key = await addSecurityKey(person.page);
    return person.page;
}

async function bringPassphrase(page, person) {
    await page.waitForURL(/\/enrol\/passphrase/);
    await page.fill('[name=passphrase]', person.passphrase);
    await page.fill('[name=repeated]', person.passphrase);
    await page.click('form[action="/api/enrolment/passphrase"] button');
}

// The page offers no code here; the key ends the enrolment, and the recovery codes are shown.
async function bringKey(page, person) {
    const form = page.locator('form[action="/api/enrolment/key"] button');
    await form.waitFor();
    assert.match(await page.textContent('main'), /Your role asks for one/);
    assert.equal(await page.locator('#seed, [name=code]').count(), 0, 'no authenticator app is offered');
    await form.click();
    await page.locator('#recovery-codes li').first().waitFor();
    person.recoveryCodes = await page.locator('#recovery-codes li').allInnerTexts();
    assert.equal(person.recoveryCodes.length, 10);
    assert.match((await session(page)).factor, /^pwd\+hwk/);
}

// The sign-in page asks for a passkey by itself, beside the name; nobody touches one yet.
async function firstForm(page, key, person) {
    await key.present(false);
    await page.goto(`${house.origin}/sign-in`);
    await page.fill('[name=login_name]', person.name);
    await page.fill('[name=passphrase]', person.passphrase);
    await page.click('form[action="/api/sign-in"] button');
    await page.waitForURL(/sign-in\/code/);
}

test('S0-13 (part): the first start ends with a security key, in a browser, under the shipped policy', async () => {
    const page = await sitDown(anna);
    await page.goto(`${house.origin}/setup`);
    await page.fill('[name=code]', house.bootstrapCode);
    await page.fill('[name=login_name]', anna.name);
    await page.fill('[name=display_name]', 'Anna Admin');
    await page.click('main form button');
    await bringPassphrase(page, anna);
    await bringKey(page, anna);
    const {login_name, role} = await session(page);
    assert.equal(login_name, 'anna');
    assert.equal(role, 'gateway_administrator');
    const [credential, ...others] = await anna.key.credentials();
    assert.equal(others.length, 0);
    assert.equal(credential.rpId, 'sallyport.localhost');

    // The code of the first start opens nothing any more.
    const late = await house.client().request('POST', '/api/setup', {
        json: {code: house.bootstrapCode, login_name: 'mallory', display_name: 'Mallory'},
    });
    assert.ok(late.status >= 400, String(late.status));
});

test('a person whose role demands a key enrols by a ticket with one, and a code does not do', async () => {
    const made = await anna.page.evaluate(async (person) => {
        const {csrf} = await (await fetch('/api/session')).json();
        const answer = await fetch('/api/users', {
            method: 'POST', body: JSON.stringify(person),
            headers: {'content-type': 'application/json', accept: 'application/json', 'x-sallyport-csrf': csrf},
        });
        return answer.json();
    }, {login_name: nora.name, display_name: 'Nora', role: 'engineer', ...proofed});
    assert.ok(made.ticket?.code, JSON.stringify(made));
    const page = await sitDown(nora);
    await page.goto(`${house.origin}/enrol`);
    await page.fill('[name=ticket]', made.ticket.code);
    await click(page, 'Begin');
    await bringPassphrase(page, nora);
    const refused = await page.evaluate(async () => (await fetch('/api/enrolment/totp', {
        method: 'POST', body: '{"code":"123456"}', headers: {'content-type': 'application/json'},
    })).status);
    assert.ok(refused >= 400, String(refused));
    await bringKey(page, nora);
});

test('under the shipped policy the passphrase and then the key sign in', async () => {
    const {page, key} = nora;
    await page.context().clearCookies();
    await firstForm(page, key, nora);
    await key.present(true);
    await page.click('form[action="/api/sign-in/key"] button');
    await page.waitForURL(`${house.origin}/`);
    assert.match((await session(page)).factor, /^pwd\+hwk/);
});

test('whoever lost their key brings a new one after passphrase and recovery code, and only that code is used up', async () => {
    const page = await sitDown(nora);
    await firstForm(page, nora.key, nora);
    const [code] = nora.recoveryCodes;
    await page.fill('[name=code]', code);
    await page.click('form[action="/api/sign-in/code"] button');
    await page.waitForURL(`${house.origin}/sign-in/new-key`);
    assert.equal(await page.evaluate(async () => (await fetch('/api/session')).status), 401, 'not signed in yet');
    await nora.key.present(true);
    await page.click('form[action="/api/sign-in/new-key"] button');
    await page.waitForURL(`${house.origin}/`);
    assert.equal((await session(page)).login_name, 'nora');
    assert.equal((await nora.key.credentials()).length, 1);

    await page.context().clearCookies();
    await firstForm(page, nora.key, nora);
    await page.fill('[name=code]', code);
    await page.click('form[action="/api/sign-in/code"] button');
    await page.locator('#problem').waitFor();

    await firstForm(page, nora.key, nora);
    await nora.key.present(true);
    await page.click('form[action="/api/sign-in/key"] button');
    await page.waitForURL(`${house.origin}/`);
    assert.match((await session(page)).factor, /^pwd\+hwk/);
});
