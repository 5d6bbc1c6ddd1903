// Security keys and passkeys in a real browser, with the browser's own virtual authenticators.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House, proofed} from './house.mjs';
import {addSecurityKey, openBrowser, openPage} from './browser.mjs';

let house, browser, people, page, key;

before(async () => {
    house = await House.open();
    people = await house.people();
    browser = await openBrowser({trusted: readFileSync(join(house.folder, 'site/tls/demo-cert.pem'))});
    page = await openPage(browser, {ignoreHTTPSErrors: false});
    key = await addSecurityKey(page);
});

after(async () => {
    await browser?.close();
    await house?.close();
});

async function firstForm(person) {
    await openSignIn();
    await page.fill('[name=login_name]', person.name);
    await page.fill('[name=passphrase]', person.passphrase);
    await page.click('form[action="/api/sign-in"] button');
    await page.waitForURL(/sign-in\/code/);
}

// The sign-in page asks for a passkey by itself, beside the name; nobody touches one yet.
async function openSignIn() {
    await key.present(false);
    const asked = page.waitForResponse(`${house.origin}/api/sign-in/passkey`);
    await page.goto(`${house.origin}/sign-in`);
    await asked;
}

async function signOut() {
    await key.present(false);
    await page.click('text=Sign out');
    await page.waitForURL(/sign-in/);
}

// Presses the form's button and touches the key that it asks for: not earlier, when the page itself
// still asks, nor later, since the browser's virtual key asks for a touch once.
async function touch(form) {
    await page.route(`${house.origin}${form}`, async (route) => {
        await key.present(true);
        await route.continue();
    }, {times: 1});
    await page.click(`form[action="${form}"] button`);
}

// What the session says about how it was opened.
const session = (where) => where.evaluate(async () => (await fetch('/api/session')).json());
const events = async (type) => {
    const otto = await house.signIn(people.otto);
    return (await otto.expect('GET', `/api/audit?type=${type}`)).events;
};

test('a person adds a passkey on their security page, with a fresh proof', async () => {
    await firstForm(people.erik);
    await page.fill('[name=code]', await house.freshCode(people.erik));
    await page.click('form[action="/api/sign-in/code"] button');
    await page.waitForURL(`${house.origin}/`);
    await page.goto(`${house.origin}/security`);
    const form = page.locator('form[data-key=registration]');
    await form.locator('[name=label]').fill('This computer');
    await key.present(true);
    await form.locator('button').click();
    await page.locator('td >> text=security key or passkey').waitFor();
    const [credential, ...others] = await key.credentials();
    assert.equal(others.length, 0);
    assert.equal(credential.rpId, 'sallyport.localhost');
    assert.ok(credential.isResidentCredential);
    await signOut();
});

test('a passkey that is touched while the page waits for a name signs in by itself', async () => {
    await key.present(true);
    await page.goto(`${house.origin}/sign-in`);
    await page.waitForURL(`${house.origin}/`);
    await signOut();
});

test('the passkey alone signs in: no name, no code, two factors, phishing-resistant', async () => {
    await touch('/api/sign-in/passkey');
    await page.waitForURL(`${house.origin}/`);
    const {login_name, factor} = await session(page);
    assert.equal(login_name, 'erik');
    assert.equal(factor, 'hwk+uv');
    const [success] = (await events('authn.success')).filter((one) => one.who === 'erik');
    assert.equal(success.factor, 'hwk+uv');
    await signOut();
});

test('after the passphrase, the key stands in for the code', async () => {
    await firstForm(people.erik);
    await touch('/api/sign-in/key');
    await page.waitForURL(`${house.origin}/`);
    assert.match((await session(page)).factor, /^pwd\+hwk/);
    await signOut();
});

test('S0-37 (part): the key is shown again before something that matters, and the page comes back', async () => {
    await openSignIn();
    await touch('/api/sign-in/passkey');
    await page.waitForURL(`${house.origin}/`);
    await house.advance(301);
    await page.goto(`${house.origin}/step-up?next=/security`);
    await touch('/api/step-up/key');
    await page.waitForURL(`${house.origin}/security`);
    assert.match((await session(page)).factor, /^hwk/);
    await signOut();
});

test('whoever enrols may bring a passkey in the place of an app; the codes are shown once', async () => {
    await house.stepUp(people.anna);
    const {ticket} = await people.anna.client.expect('POST', '/api/users', {
        login_name: 'nora', display_name: 'Nora', role: 'engineer', ...proofed,
    });
    const own = await openPage(browser, {ignoreHTTPSErrors: false});
    await addSecurityKey(own);
    await own.goto(`${house.origin}/enrol`);
    await own.fill('[name=ticket]', ticket.code);
    await own.click('main button, form button');
    await own.fill('[name=passphrase]', 'a kettle sings in the attic');
    await own.fill('[name=repeated]', 'a kettle sings in the attic');
    await own.click('form[action="/api/enrolment/passphrase"] button');
    await own.click('form[action="/api/enrolment/key"] button');
    await own.locator('#recovery-codes li').first().waitFor();
    assert.equal(await own.locator('#recovery-codes li').count(), 10);
    assert.match((await session(own)).factor, /^pwd\+hwk/);
    await own.context().close();
});

test('S1-21 (part): a key that did not check who holds it is no two factors, and is told so', async () => {
    await key.verifies(false);
    await openSignIn();
    await touch('/api/sign-in/passkey');
    await page.locator('form[action="/api/sign-in/passkey"] [role=status]', {hasText: /not used|did not match/}).waitFor();
    assert.equal(await page.evaluate(async () => (await fetch('/api/session')).status), 401);
    await key.verifies(true);
});

test('S1-13 (part): an assertion is good once, in the browser that asked for it', async () => {
    await openSignIn();
    const sent = page.waitForRequest((one) => one.method() === 'POST' && one.url().endsWith('/api/sign-in/passkey'));
    await touch('/api/sign-in/passkey');
    const body = (await sent).postDataJSON();
    await page.waitForURL(`${house.origin}/`);
    const again = await page.evaluate(async (data) => (await fetch('/api/sign-in/passkey', {
        method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(data),
    })).status, body);
    assert.equal(again, 401);
    const elsewhere = await house.client().request('POST', '/api/sign-in/passkey', {json: body});
    assert.ok([401, 410].includes(elsewhere.status), String(elsewhere.status));
    const [failure] = await events('authn.failure');
    assert.match(failure.reason, /webauthn\.challenge/);
});

test('S1-71 (part): a look-alike origin gets nothing from the key', async () => {
    const other = await openPage(browser, {ignoreHTTPSErrors: false});
    const lookAlike = 'https://sallyport.localhost.login.example/';
    await other.route(`${lookAlike}**`, (route) => route.fulfill({contentType: 'text/html', body: '<h1>Sign in</h1>'}));
    await other.goto(lookAlike);
    await addSecurityKey(other);
    const refused = await other.evaluate(async () => {
        try {
            await navigator.credentials.get({publicKey: {challenge: new Uint8Array(32), rpId: 'sallyport.localhost'}});
            return 'given';
        } catch (error) { return error.name; }
    });
    assert.equal(refused, 'SecurityError');
    await other.context().close();
});

test('whoever it is or is not, the second form asks for as many keys, and the answer is as long', async () => {
    const lengths = new Set();
    for (const name of ['erik', 'paula', 'nobody-here']) {
        const client = house.client();
        await client.expect('POST', '/api/sign-in', {login_name: name, passphrase: 'not the right one'});
        const offered = await client.request('GET', '/api/sign-in/key');
        assert.equal(offered.json.allowCredentials.length, 8, name);
        lengths.add(offered.body.length);
    }
    assert.equal(lengths.size, 1, [...lengths].join(' '));
});

test('a key that is suspended signs nobody in until it is taken up again', async () => {
    const erik = await house.signIn(people.erik);
    await house.stepUp({...people.erik, client: erik});
    const {authenticators} = await erik.expect('GET', '/api/self/authenticators');
    const {id} = authenticators.find((one) => one.kind === 'webauthn');
    await erik.expect('POST', `/api/self/authenticators/${id}/suspend`, {});
    await page.context().clearCookies();
    await openSignIn();
    await touch('/api/sign-in/passkey');
    await page.locator('form[action="/api/sign-in/passkey"] [role=status]', {hasText: 'did not match'}).waitFor();
    await erik.expect('POST', `/api/self/authenticators/${id}/resume`, {});
    await touch('/api/sign-in/passkey');
    await page.waitForURL(`${house.origin}/`);
});
