// Keys of other kinds than a platform's passkey, as the second step after the passphrase: a USB key that
// keeps nothing, and an old one that speaks U2F only and checks nobody.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House} from './house.mjs';
import {addSecurityKey, openBrowser, openPage} from './browser.mjs';

let house, browser, people;

before(async () => {
    house = await House.open();
    people = await house.people();
    browser = await openBrowser({trusted: readFileSync(join(house.folder, 'site/tls/demo-cert.pem'))});
});

after(async () => {
    await browser?.close();
    await house?.close();
});

async function firstForm(page, person) {
    await page.goto(`${house.origin}/sign-in`);
    await page.fill('[name=login_name]', person.name);
    await page.fill('[name=passphrase]', person.passphrase);
    await page.click('form[action="/api/sign-in"] button');
    await page.waitForURL(/sign-in\/code/);
}

const session = (page) => page.evaluate(async () => (await fetch('/api/session')).json());

for (const [kind, options, person] of [
    ['a USB key that keeps nothing', {hasResidentKey: false, transport: 'usb'}, 'erik'],
    ['a U2F key', {protocol: 'u2f', transport: 'usb', hasUserVerification: false, hasResidentKey: false}, 'paula'],
]) {
    test(`${kind} is added, and is the second step after the passphrase`, async () => {
        const page = await openPage(browser, {ignoreHTTPSErrors: false});
        const key = await addSecurityKey(page, options);
        await firstForm(page, people[person]);
        await page.fill('[name=code]', await house.freshCode(people[person]));
        await page.click('form[action="/api/sign-in/code"] button');
        await page.waitForURL(`${house.origin}/`);
        await page.goto(`${house.origin}/security`);
        const form = page.locator('form[data-key=registration]');
        await form.locator('[name=label]').fill(kind);
        await form.locator('button').click();
        await page.locator('td >> text=security key or passkey').waitFor();
        const [credential, ...others] = await key.credentials();
        assert.equal(others.length, 0);
        assert.equal(credential.isResidentCredential, false);

        await page.context().clearCookies();
        await firstForm(page, people[person]);
        await page.click('form[action="/api/sign-in/key"] button');
        await page.waitForURL(`${house.origin}/`);
        // The passphrase was the first factor: nobody asks the key who holds it.
        assert.equal((await session(page)).factor, 'pwd+hwk');
        await page.context().close();
    });
}
