// What resists phishing comes first: at enrolment, for whoever it is, and in what is reported.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {House, proofed} from './house.mjs';
import {openBrowser, openPage} from './browser.mjs';
import {add} from './ward.mjs';

let house, browser, people;

before(async () => {
    house = await House.open();
    people = await house.people();
    browser = await openBrowser();
});

after(async () => {
    await browser?.close();
    await house?.close();
});

test('S1-17: whoever enrols is offered a key or passkey first, and the share of such sign-ins is reported', async () => {
    const sam = await add({house, people}, 'sam', 'security_officer', 'nine pale moths at dusk');
    const clark = await add({house, people}, 'clark', 'clinical_administrator', 'five cold stones in rain');
    const {roles} = await sam.client.expect('GET', '/api/policy');
    assert.equal(roles.length, 9, 'every role that the product comes with');
    for (const {name: role, scope} of roles) {
        const creator = scope === 'clinical' ? clark : people.anna;
        await house.stepUp(creator);
        const made = await creator.client.expect('POST', '/api/users', {
            login_name: `new-${role}`, display_name: role, role, ...proofed,
        });
        const page = await openPage(browser);
        await page.goto(`${house.origin}/enrol`);
        await page.fill('[name=ticket]', made.ticket.code);
        await page.click('main button');
        await page.fill('[name=passphrase]', 'the owl counts its feathers');
        await page.fill('[name=repeated]', 'the owl counts its feathers');
        await page.click('main button');
        await page.waitForSelector('.qr svg');
        await page.waitForSelector('button:text("Use a security key or passkey")');  // a script shows it
        const text = await page.innerText('main');
        const key = text.indexOf('Use a security key or passkey');
        assert.ok(key >= 0 && key < text.indexOf('Or an authenticator app'), `${role}: ${text}`);
        await page.context().close();
    }
    // Everybody here has signed in with a code, and that is what the page says.
    const page = await openPage(browser);
    await page.goto(house.origin);
    await page.fill('[name=login_name]', 'otto');
    await page.fill('[name=passphrase]', people.otto.passphrase);
    await page.click('main button');
    await page.fill('[name=code]', await house.freshCode(people.otto));
    await Promise.all([page.waitForURL(`${house.origin}/`), page.click('main button')]);
    await page.goto(`${house.origin}/statistics`);
    const row = page.locator('tr', {hasText: 'auditor'});
    assert.match(await row.innerText(), /auditor\s+2\s+0 %/);
    await page.context().close();
});
