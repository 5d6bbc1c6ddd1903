// Enrolling, signing in, one's own security and recovery in a browser that runs no script.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {House, proofed} from './house.mjs';
import {follow, openBrowser} from './browser.mjs';
import {finishEnrolment, openPlainPage, send, signIn} from './plain_page.mjs';

let house, browser, people, page, nils;

before(async () => {
    house = await House.open();
    people = await house.people();
    browser = await openBrowser();
    page = await openPlainPage(browser);
});

after(async () => {
    await browser?.close();
    await house?.close();
});

test('a ticket becomes a person with two factors without a script', async () => {
    await house.stepUp(people.anna);
    const made = await people.anna.client.expect('POST', '/api/users', {
        login_name: 'nils', display_name: 'Nils', role: 'engineer', ...proofed,
    });
    nils = {name: 'nils', passphrase: 'the owl counts its feathers'};
    await page.goto(`${house.origin}/enrol`);
    await page.fill('[name=ticket]', made.ticket.code);
    await follow(page);
    await finishEnrolment(house, page, nils);
    await page.goto(house.origin);
    await follow(page, 'text=Sign out');
    await signIn(house, page, nils);
});

test('one\'s own security works without a script: another app, its name, its end, and a fresh proof', async () => {
    await house.advance(5 * 60 + 1);
    await page.goto(`${house.origin}/security`);
    const adding = '/api/self/authenticators/totp';
    await send(page, adding, {label: 'Tablet'});
    // The proof is too old: it is asked for, and what was typed is still there.
    await send(page, '/api/step-up', {code: await house.freshCode(nils)});
    if (await page.locator('#seed').count() === 0) await send(page, adding, {label: 'Tablet'});
    const tablet = {seed: (await page.textContent('#seed')).replaceAll(' ', '')};
    const confirming = await page.locator('form[action$="/confirm"]').getAttribute('action');
    await send(page, confirming, {code: await house.freshCode(tablet)});
    await page.waitForURL('**/security');
    const id = confirming.match(/authenticators\/([^/]+)\/confirm/)[1];
    await send(page, `/api/self/authenticators/${id}/rename`, {label: 'Tablet at home'});
    const name = page.locator(`form[action="/api/self/authenticators/${id}/rename"] [name=label]`);
    assert.equal(await name.inputValue(), 'Tablet at home');
    await send(page, `/api/self/authenticators/${id}/revoke`);
    assert.equal(await page.locator(`form[action="/api/self/authenticators/${id}/revoke"]`).count(), 0);
});

test('a report that something is wrong goes out without a script', async () => {
    await page.goto(`${house.origin}/security`);
    const form = page.locator('form[action="/api/self/incidents"]').first();
    await form.locator('[name=said]').fill('Somebody was at my screen at noon.');
    await follow(page, form.locator('button'));
    const {incidents} = await people.otto.client.expect('GET', '/api/incidents');
    assert.ok(incidents.some((one) => JSON.stringify(one).includes('nils')));
});
