// Enrolling, signing in, one's own security and recovery in a browser that runs no script.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {House, proofed} from './house.mjs';
import {openBrowser} from './browser.mjs';

let house, browser, people, page, nils;
const passphrase = 'the owl counts its feathers';

before(async () => {
    house = await House.open();
    people = await house.people();
    browser = await openBrowser();
    page = await openPlainPage();
});

after(async () => {
    await browser?.close();
    await house?.close();
});

async function openPlainPage() {
    const context = await browser.newContext({ignoreHTTPSErrors: true, javaScriptEnabled: false});
    const plain = await context.newPage();
    plain.setDefaultTimeout(20000);
    return plain;
}

// Fills the form that goes to `action`, and sends it.
async function send(action, fields = {}, where = page) {
    const form = where.locator(`form[action="${action}"]`).first();
    for (const [name, value] of Object.entries(fields)) {
        const field = form.locator(`[name=${name}]`);
        if (value === true) await field.check();
        else await field.fill(value);
    }
    await form.locator('button').first().click();
}

async function signIn(person, where = page) {
    await where.goto(`${house.origin}/sign-in`);
    await send('/api/sign-in', {login_name: person.name, passphrase: person.passphrase}, where);
    await send('/api/sign-in/code', {code: await house.freshCode(person)}, where);
    await where.waitForURL(`${house.origin}/`);
}

async function enrol(ticket, name) {
    await page.goto(`${house.origin}/enrol`);
    await page.fill('[name=ticket]', ticket);
    await page.click('main button');
    await page.fill('[name=passphrase]', passphrase);
    await page.fill('[name=repeated]', passphrase);
    await page.click('main button');
    const seed = (await page.textContent('#seed')).replaceAll(' ', '');
    const person = {name, passphrase, seed};
    await send('/api/enrolment/totp', {code: await house.freshCode(person)});
    assert.equal(await page.locator('#recovery-codes li').count(), 10);
    return person;
}

test('a ticket becomes a person with two factors without a script', async () => {
    await house.stepUp(people.anna);
    const made = await people.anna.client.expect('POST', '/api/users', {
        login_name: 'nils', display_name: 'Nils', role: 'engineer', ...proofed,
    });
    nils = await enrol(made.ticket.code, 'nils');
    await page.goto(house.origin);
    await page.click('text=Sign out');
    await signIn(nils);
});

test('one\'s own security works without a script: another app, its name, its end, and a fresh proof', async () => {
    await house.advance(5 * 60 + 1);
    await page.goto(`${house.origin}/security`);
    const adding = '/api/self/authenticators/totp';
    await send(adding, {label: 'Tablet'});
    // The proof is too old: it is asked for, and what was typed is still there.
    await send('/api/step-up', {code: await house.freshCode(nils)});
    if (await page.locator('#seed').count() === 0) await send(adding, {label: 'Tablet'});
    const tablet = {seed: (await page.textContent('#seed')).replaceAll(' ', '')};
    const confirming = await page.locator('form[action$="/confirm"]').getAttribute('action');
    await send(confirming, {code: await house.freshCode(tablet)});
    await page.waitForURL('**/security');
    const id = confirming.match(/authenticators\/([^/]+)\/confirm/)[1];
    await send(`/api/self/authenticators/${id}/rename`, {label: 'Tablet at home'});
    const name = page.locator(`form[action="/api/self/authenticators/${id}/rename"] [name=label]`);
    assert.equal(await name.inputValue(), 'Tablet at home');
    await send(`/api/self/authenticators/${id}/revoke`);
    assert.equal(await page.locator(`form[action="/api/self/authenticators/${id}/revoke"]`).count(), 0);
});

test('a report that something is wrong goes out without a script', async () => {
    await page.goto(`${house.origin}/security`);
    const form = page.locator('form[action="/api/self/incidents"]').first();
    await form.locator('[name=said]').fill('Somebody was at my screen at noon.');
    await form.locator('button').click();
    const {incidents} = await people.otto.client.expect('GET', '/api/incidents');
    assert.ok(incidents.some((one) => JSON.stringify(one).includes('nils')));
});
