// Who keeps a sign-in on a device's own page, in a real browser: a hand that opens another page of it,
// and not the page that asks by itself, nor one that loads itself anew.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {House} from './house.mjs';
import {follow, openBrowser, openPage} from './browser.mjs';

const fiveMinutes = 5 * 60;
let house, people, browser, page;

before(async () => {
    house = await House.open();
    people = await house.people();
    await house.registerPump(people.anna);
    browser = await openBrowser();
});

after(async () => {
    await browser?.close();
    await house?.close();
});

// erik in a browser of his own, on the pump's page.
async function openVisit() {
    people.paula.client = await house.signIn(people.paula);
    people.erik.client = await house.signIn(people.erik);
    await house.grant(people);
    page = await openPage(browser);
    await page.goto(`${house.origin}/sign-in`);
    await page.fill('[name=login_name]', people.erik.name);
    await page.fill('[name=passphrase]', people.erik.passphrase);
    await follow(page);  // and its script is there, which makes the key that opens a device
    await page.fill('[name=code]', await house.freshCode(people.erik));
    await follow(page);
    await page.waitForURL(`${house.origin}/`);
    await follow(page, '.cards >> text=pump-07');
    const notice = page.getByRole('button', {name: 'I have read this'});
    if (await notice.count() > 0) await notice.click();
    await page.waitForURL(`${house.deviceOrigin}/**`);
}

// His sign-ins in a browser, as an administrator sees them.
async function signIns() {
    const anna = await house.signIn(people.anna);
    const {sessions} = await anna.expect('GET', '/api/sessions');
    return sessions.filter((one) => one.login_name === 'erik' && one.channel === 'web').length;
}

test('S0-31 (part): the pump\'s page asks by itself for 15 minutes, and the sign-in behind it ends', async () => {
    await openVisit();
    const before = await signIns();
    for (let i = 0; i < 3; ++i) {
        await house.advance(fiveMinutes);
        if (i < 2) await page.waitForResponse(`${house.deviceOrigin}/infusion`);
    }
    await house.until('the end of his sign-ins', async () => await signIns() === 0);
    assert.ok(before > 0);
    await page.context().close();
});

test('S0-31 (part): a click that opens another page of the pump keeps it; a page that loads itself anew does not', async () => {
    await openVisit();
    await house.advance(2 * fiveMinutes);
    await page.click('text=Event log');
    await page.waitForURL(`${house.deviceOrigin}/log`);
    await house.advance(2 * fiveMinutes);
    await house.until('the end of the sign-in that nobody used', async () => await signIns() < 2);
    assert.equal(await signIns(), 1, 'the browser\'s is kept');
    // As <meta http-equiv="refresh"> does.
    await Promise.all([
        page.waitForNavigation(),
        page.evaluate(() => { setTimeout(() => location.reload(), 0); }),
    ]);
    await house.advance(fiveMinutes + 1);
    await house.until('the end of his sign-in', async () => await signIns() === 0);
    await page.context().close();
});
