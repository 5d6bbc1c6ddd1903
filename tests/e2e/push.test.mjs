// Push with number matching, in two browsers: one at the desk, one on the phone, which holds a
// connection because no push service is involved.
import {after, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {House} from './house.mjs';
import {openBrowser, openPage} from './browser.mjs';

let house;
let people;
let browser;
let phone;

before(async () => {
    house = await House.open();
    people = await house.people();
    browser = await openBrowser();
});

after(async () => {
    await browser?.close();
    await house?.close();
});

async function firstForm(page, person, passphrase = person.passphrase) {
    await page.goto(`${house.origin}/sign-in`);
    await page.getByLabel('Your name here').fill(person.name);
    await page.getByLabel('Passphrase').fill(passphrase);
    await page.getByRole('button', {name: 'Continue'}).click();
    await page.getByRole('heading', {name: 'Second step'}).waitFor();
}

async function signInWithCode(page, person) {
    await firstForm(page, person);
    await page.getByLabel('Code from your authenticator app').fill(await house.freshCode(person));
    await page.getByRole('button', {name: 'Sign in'}).click();
    await page.getByRole('button', {name: 'Sign out'}).waitFor();
}

async function askPhone(page) {
    await page.getByRole('button', {name: 'Ask my phone'}).click();
    return page.locator('#number strong').innerText();
}

async function goOn(page) {
    await page.getByRole('button', {name: 'Go on'}).click();
}

test('S1-71 (part): a phone is added once its person has read about false questions', async () => {
    phone = await openPage(browser);
    await signInWithCode(phone, people.erik);
    await phone.goto(`${house.origin}/security/phone`);
    await phone.getByLabel('What you call it').fill('My phone');
    await phone.getByRole('button', {name: 'Add this phone'}).click();
    // The browser asks for the tick; nothing was sent.
    assert.equal(new URL(phone.url()).pathname, '/security/phone');
    await phone.getByLabel('I have read this.').check();
    await phone.getByRole('button', {name: 'Add this phone'}).click();
    await phone.waitForURL('**/phone/question');
    const extractable = await phone.evaluate(() => new Promise((good) => {
        indexedDB.open('sallyport-phone').onsuccess = ({target}) => {
            target.result.transaction('key').objectStore('key').get('own').onsuccess =
                (event) => good(event.target.result.key.extractable);
        };
    }));
    assert.equal(extractable, false);
});

test('S1-20: the number of the sign-in page, typed on the phone, signs in without a script there', async () => {
    const context = await browser.newContext({ignoreHTTPSErrors: true, javaScriptEnabled: false});
    const desk = await context.newPage();
    desk.setDefaultTimeout(20000);
    await firstForm(desk, people.erik);
    const number = await askPhone(desk);
    await phone.getByText('Somebody is signing in with your passphrase').waitFor();
    assert.equal(await phone.locator('#application').innerText(), 'Sallyport');
    assert.equal(await phone.locator('#place').innerText(), '127.0.0.1');
    assert.match(await phone.locator('#time').innerText(), /UTC$/);
    // The number is on the other screen: beside time and place the phone says none at all.
    const told = await phone.locator('main').innerText();
    const rest = [await phone.locator('#time').innerText(), await phone.locator('#place').innerText()]
        .reduce((text, known) => text.replace(known, ''), told);
    assert.doesNotMatch(rest, /\b\d\d\b/);
    await phone.getByLabel('The number on the sign-in page').fill(number);
    await phone.getByRole('button', {name: 'Send the number'}).click();
    await phone.getByText('Go on at the sign-in page').waitFor();
    await goOn(desk);
    await desk.getByRole('button', {name: 'Sign out'}).waitFor();
    await context.close();
});

test('S1-20 (part): another number ends the attempt', async () => {
    const desk = await openPage(browser);
    await firstForm(desk, people.erik);
    const number = Number(await askPhone(desk));
    await phone.locator('#question').waitFor();
    await phone.getByLabel('The number on the sign-in page').fill(String(number === 99 ? 10 : number + 1));
    await phone.getByRole('button', {name: 'Send the number'}).click();
    await phone.getByText('That is not the number on the sign-in page.').waitFor();
    await house.advance(61);
    await goOn(desk);
    await desk.getByRole('alert').waitFor();
    await desk.context().close();
});

test('S1-25 (part): "it wasn\'t me" ends the sign-in, alerts, and tells the person', async () => {
    const desk = await openPage(browser);
    await firstForm(desk, people.erik);
    await askPhone(desk);
    await phone.locator('#question').waitFor();
    await phone.getByRole('button', {name: 'It wasn’t me'}).click();
    await phone.getByText('reported').waitFor();
    await house.advance(61);
    await goOn(desk);
    await desk.getByRole('alert').waitFor();
    await signInWithCode(desk, people.erik);
    await desk.goto(`${house.origin}/security`);
    await desk.getByText('Somebody knows your passphrase').waitFor();
    await desk.context().close();
});

test('the phone\'s page can be put on a home screen, under a strict policy', async () => {
    const answer = await phone.goto(`${house.origin}/phone/question`);
    const policy = answer.headers()['content-security-policy'];
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /manifest-src 'self'/);
    assert.ok(!/unsafe/.test(policy), policy);
    const manifest = await phone.evaluate(async () => (await fetch('/phone/manifest.json')).json());
    assert.equal(manifest.start_url, '/phone/question');
    assert.equal(manifest.display, 'standalone');
});

test('S1-25: the third question without an approval suspends the phone; resumed, its open page goes on', async () => {
    const desk = await openPage(browser);
    await firstForm(desk, people.erik);
    await askPhone(desk);
    await phone.locator('#question').waitFor();
    await phone.getByRole('button', {name: 'Not now'}).click();
    await phone.getByText('press “Use again” if it is suspended').waitFor();
    assert.match(await phone.locator('#status').textContent(), /^That sign-in was ended\./, 'what the answer came to stays');
    await house.advance(61);
    await desk.context().clearCookies();
    await signInWithCode(desk, people.erik);
    await desk.goto(`${house.origin}/security`);
    await desk.getByText('“My phone” was suspended.').waitFor();
    await desk.getByRole('button', {name: 'Use again'}).click();
    await desk.getByRole('button', {name: 'I mislaid it'}).first().waitFor();
    // It asks again by itself, if slowly.
    await phone.getByText('Waiting for a question.').waitFor({timeout: 40000});
    const other = await openPage(browser);
    await firstForm(other, people.erik);
    const number = await askPhone(other);
    await phone.locator('#question').waitFor();
    await phone.getByLabel('The number on the sign-in page').fill(number);
    await phone.getByRole('button', {name: 'Send the number'}).click();
    await phone.getByText('Go on at the sign-in page').waitFor();
    await goOn(other);
    await other.getByRole('button', {name: 'Sign out'}).waitFor();
    await other.context().close();
    await desk.context().close();
});

test('S1-25 (part): three questions that nobody answers within ten minutes suspend the phone, and a code signs in', async () => {
    const {erik, otto} = people;
    const desk = await openPage(browser);
    // Each sign-in takes a code of its own, for which the clock goes on: none while something is awaited.
    const stateOfPhone = async () => {
        const {authenticators} = await erik.client.expect('GET', '/api/self/authenticators');
        return authenticators.find(({kind}) => kind === 'push').state;
    };
    const unanswered = async () => {
        const {events} = await otto.client.expect('GET', '/api/audit?type=authn.push_denied');
        return events.length;
    };
    const askInVain = async () => {
        const before = await unanswered();
        await firstForm(desk, erik);
        await askPhone(desk);
        await house.advance(61);
        await desk.getByText('The minute is over.').waitFor();
        await goOn(desk);
        await desk.getByRole('alert').waitFor();
        await house.until('the question is on record', async () => await unanswered() === before + 1);
    };
    const afterTenMinutes = async () => {
        await house.advance(10 * 60);
        for (const person of [erik, otto]) person.client = await house.signIn(person);
    };
    await afterTenMinutes();
    await askInVain();
    await askInVain();
    // A third that comes later is a first again.
    await afterTenMinutes();
    await askInVain();
    await askInVain();
    assert.equal(await stateOfPhone(), 'active');
    await askInVain();
    await house.until('the phone is suspended', async () => await stateOfPhone() === 'suspended');
    const [{id}] = (await otto.client.expect('GET', '/api/audit?type=cred.suspended')).events;
    const told = JSON.stringify(await otto.client.expect('GET', `/api/audit/${id}`));
    assert.match(told, /push/);

    // Asked again, nothing reaches it; a code does for the same sign-in.
    await firstForm(desk, erik);
    await askPhone(desk);
    await desk.getByText('If it shows nothing, it may be suspended.').waitFor();
    await desk.getByRole('link', {name: 'Use a code instead'}).click();
    await desk.getByLabel('Code from your authenticator app').fill(await house.freshCode(erik));
    await desk.getByRole('button', {name: 'Sign in'}).click();
    await desk.getByRole('button', {name: 'Sign out'}).waitFor();
    await desk.context().close();
});
