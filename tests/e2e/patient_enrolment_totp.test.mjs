// A patient enrols in a browser, in both languages: the passphrase alone lets them in, a second factor
// may be brought at once, and what was brought is asked for from then on. Each page of the way is looked
// at by axe-core.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {faults} from './axe.mjs';
import {addSecurityKey, openBrowser} from './browser.mjs';
import {House} from './house.mjs';
import {openPlainPage, send} from './plain_page.mjs';
import {add} from './ward.mjs';

const passphrase = 'seven white geese went north';
let house, browser, people;

before(async () => {
    house = await House.open();
    people = await house.people();
    await add({house, people}, 'clark', 'clinical_administrator', 'the lighthouse keeper sleeps');
    browser = await openBrowser();
});

after(async () => {
    await browser?.close();
    await house?.close();
});

async function ticketFor(name) {
    await house.stepUp(people.clark);
    const made = await people.clark.client.expect('POST', '/api/users', {login_name: name, display_name: name, role: 'patient'});
    return made.ticket.code;
}

// The policy that the server sends is tested elsewhere; here it would keep the examiner out.
async function open(locale) {
    const context = await browser.newContext({ignoreHTTPSErrors: true, bypassCSP: true, locale});
    const page = await context.newPage();
    page.setDefaultTimeout(20000);
    return page;
}

// What a sign-in asks for after the passphrase; undefined where it was enough.
async function askedAfterPassphrase(name) {
    const answer = await house.client().expect('POST', '/api/sign-in', {login_name: name, passphrase});
    return answer.next;
}

const withoutForm = 'form[action="/api/enrolment/totp"]:not(:has([name=code]))';
const withCodeForm = 'form[action="/api/enrolment/totp"]:has([name=code])';

async function toSecondFactor(page, ticket, look) {
    await page.goto(`${house.origin}/enrol`);
    await look('the ticket');
    await send(page, '/api/enrolment', {ticket});
    await page.waitForSelector('[name=repeated]');
    await look('the passphrase');
    await send(page, '/api/enrolment/passphrase', {passphrase, repeated: passphrase});
    await page.waitForSelector('.qr svg');
    await look('the second factor');
}

for (const [locale, words] of [['en-GB', 'Or neither, for now'], ['de-DE', 'Oder vorerst keines von beiden']]) {
    test(`S0-25: a patient enrols with a passphrase alone, and axe-core finds nothing on the way (${locale})`, async () => {
        const name = `alone-${locale.slice(0, 2)}`;
        const ticket = await ticketFor(name);
        const page = await open(locale);
        const look = async (step) => {
            assert.deepEqual(await faults(page), [], step);
            assert.equal(await page.getAttribute('html', 'lang'), locale.slice(0, 2), step);
        };
        await toSecondFactor(page, ticket, look);
        assert.ok((await page.innerText('main')).includes(words));

        // The code's form is not sent empty: nobody goes on without by a mistake.
        await page.click(`${withCodeForm} button`);
        assert.equal(await page.locator(`${withCodeForm} [name=code]:invalid`).count(), 1);
        await page.fill(`${withCodeForm} [name=code]`, '000000');
        await page.click(`${withCodeForm} button`);
        await page.locator('#problem').waitFor();
        await look('a code that is wrong');
        await Promise.all([page.waitForURL(`${house.origin}/`), page.click(`${withoutForm} button`)]);
        await page.context().close();
        assert.equal(await askedAfterPassphrase(name), undefined);
    });

    test(`S0-25: a patient who brings an app is asked for it from then on, and axe-core finds nothing (${locale})`, async () => {
        const name = `app-${locale.slice(0, 2)}`;
        const ticket = await ticketFor(name);
        const page = await open(locale);
        await toSecondFactor(page, ticket, async () => {});
        const person = {name, seed: (await page.textContent('#seed')).replaceAll(' ', '')};
        await page.fill(`${withCodeForm} [name=code]`, await house.freshCode(person));
        await page.click(`${withCodeForm} button`);
        await page.locator('#recovery-codes li').nth(9).waitFor();
        assert.deepEqual(await faults(page), [], 'the recovery codes');
        await page.context().close();
        assert.equal(await askedAfterPassphrase(name), 'code');
    });
}

test('S0-25: a patient who brings a passkey is asked for it from then on', async () => {
    const ticket = await ticketFor('passkey');
    const page = await open('en-GB');
    const key = await addSecurityKey(page);
    await toSecondFactor(page, ticket, async () => {});
    await key.present(true);
    await page.getByRole('button', {name: 'Use a security key or passkey', exact: true}).click();
    await page.locator('#recovery-codes li').nth(9).waitFor();
    await page.context().close();
    assert.notEqual(await askedAfterPassphrase('passkey'), undefined);
});

test('S0-25: a patient enrols in a browser that runs no script, either way', async () => {
    const alone = await openPlainPage(browser);
    await toSecondFactor(alone, await ticketFor('plain-alone'), async () => {});
    await Promise.all([alone.waitForURL(`${house.origin}/`), alone.click(`${withoutForm} button`)]);
    await alone.context().close();
    assert.equal(await askedAfterPassphrase('plain-alone'), undefined);

    const app = await openPlainPage(browser);
    await toSecondFactor(app, await ticketFor('plain-app'), async () => {});
    const person = {name: 'plain-app', seed: (await app.textContent('#seed')).replaceAll(' ', '')};
    await app.fill(`${withCodeForm} [name=code]`, await house.freshCode(person));
    await app.click(`${withCodeForm} button`);
    await app.locator('#recovery-codes li').nth(9).waitFor();
    await app.context().close();
    assert.equal(await askedAfterPassphrase('plain-app'), 'code');
});
