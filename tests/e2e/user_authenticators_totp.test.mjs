// An administrator looks after what somebody else signs in with, on the person's page; and the
// person is told, in their language.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {House} from './house.mjs';
import {follow, openBrowser} from './browser.mjs';

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

async function signedIn(person, locale = 'en-GB') {
    const context = await browser.newContext({ignoreHTTPSErrors: true, locale});
    const page = await context.newPage();
    page.setDefaultTimeout(20000);
    await page.goto(`${house.origin}/sign-in`);
    await page.fill('[name=login_name]', person.name);
    await page.fill('[name=passphrase]', person.passphrase);
    await page.click('main button');
    await page.fill('[name=code]', await house.freshCode(person));
    await Promise.all([page.waitForURL(`${house.origin}/`), page.click('main button')]);
    return page;
}

test('what is mislaid is suspended, lifted and given an end on the person\'s page, and its holder is told in German', async () => {
    const {anna, erik} = people;
    const page = await signedIn(anna);
    const row = page.locator('tr', {hasText: 'Recovery codes'});
    await page.goto(`${house.origin}/users/erik`);
    await follow(page, row.getByRole('button', {name: 'Suspend'}));
    assert.match(await row.innerText(), /suspended by an administrator/);

    const his = await signedIn(erik, 'de-DE');
    await his.goto(`${house.origin}/security`);
    assert.match(await his.innerText('#notices'), /„?“?Recovery codes”? wurde gesperrt\./);
    const own = his.locator('tr', {hasText: 'Wiederherstellungscodes'});
    assert.match(await own.innerText(), /von der Administration gesperrt/);
    assert.equal(await own.getByRole('button', {name: 'Wieder verwenden'}).count(), 0);

    await follow(page, row.getByRole('button', {name: 'Lift the suspension'}));
    await row.getByText('works').waitFor();
    const end = new Date(Date.now() + (house.offset ?? 0) * 1000 + 40 * 86400000).toISOString().slice(0, 16);
    await row.getByLabel('Stops working (UTC); empty for never').fill(end);
    await follow(page, row.getByRole('button', {name: 'Set the end'}));
    await row.getByText(end.replace('T', ' ')).waitFor();

    await his.reload();
    const told = await his.innerText('#notices');
    assert.match(told, /ist nicht mehr gesperrt\./);
    assert.match(told, /läuft zu einem anderen Zeitpunkt ab/);
    await his.context().close();
    await page.context().close();
});
