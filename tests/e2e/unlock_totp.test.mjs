// Locked by idleness at a ward's workstation, and back with one factor, in a real browser: what was
// typed is there again.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House} from './house.mjs';
import {faults} from './axe.mjs';
import {addSecurityKey, openBrowser} from './browser.mjs';
import {openWard, registerWorkstation, seat} from './ward.mjs';

const typed = 'Somebody was at my screen';
let house, people, browser, page, key;

before(async () => {
    house = await House.open();
    people = await house.people();
    const ward = await openWard(house, people);
    const workstation = await registerWorkstation(ward);
    browser = await openBrowser({trusted: readFileSync(join(house.folder, 'site/tls/demo-cert.pem'))});
    const context = await browser.newContext({bypassCSP: true});
    page = await context.newPage();
    page.setDefaultTimeout(20000);
    key = await addSecurityKey(page);
    await key.present(false);
    await seat(page, workstation);
    await page.clock.install();
    await signIn(people.nora);
});

after(async () => {
    await browser?.close();
    await house?.close();
});

async function signIn(person) {
    await page.goto(`${house.origin}/sign-in`);
    await page.fill('[name=login_name]', person.name);
    await page.fill('[name=passphrase]', person.passphrase);
    await page.click('form[action="/api/sign-in"] button');
    await page.fill('[name=code]', await house.freshCode(person));
    await page.click('form[action="/api/sign-in/code"] button');
    await page.waitForURL(`${house.origin}/`);
}

// A ward's half hour without anybody; the browser's clock decides nothing, it only wakes the page.
async function leave() {
    await page.fill('[name=said]', typed);
    await house.advance(30 * 60);
    await page.clock.runFor(31_000);
    await page.waitForURL('**/unlock?next=**');
    assert.equal(await page.locator('[name=said]').count(), 0, 'what was on the screen is gone');
}

async function isBack() {
    await page.waitForURL('**/security');
    await page.waitForSelector('text=What you had typed here is back.');
    assert.equal(await page.inputValue('[name=said]'), typed);
    const session = await page.evaluate(async () => (await fetch('/api/session')).json());
    assert.equal(session.login_name, 'nora');
}

test('S0-56 (part): what a nurse had typed is there again after she unlocked with her passphrase', async () => {
    await page.goto(`${house.origin}/security`);
    await leave();
    assert.deepEqual(await faults(page), []);
    await page.fill('[name=passphrase]', 'not hers at all');
    await page.click('form[action="/api/session/unlock"] button');
    await page.waitForSelector('[role=alert]');
    await page.fill('[name=passphrase]', people.nora.passphrase);
    await page.click('form[action="/api/session/unlock"] button');
    await isBack();
});

test('S1-33 (part): a key that checks who holds it unlocks, and nothing typed is lost', async () => {
    await page.goto(`${house.origin}/step-up?next=/security`);
    await page.fill('[name=code]', await house.freshCode(people.nora));
    await page.click('form[action="/api/step-up"] button');
    await page.waitForURL('**/security');
    await key.present(true);
    await page.fill('form[data-key=registration] [name=label]', 'Her key');
    await page.click('form[data-key=registration] button');
    await page.waitForSelector('input[value="Her key"]');
    await key.present(false);

    await leave();
    assert.deepEqual(await faults(page), []);
    // A touch without PIN or finger is not enough.
    await key.verifies(false);
    await key.present(true);
    await page.click('form[action="/api/session/unlock/key"] button');
    await page.waitForSelector('form[action="/api/session/unlock/key"] [role=status]:not(:empty)');
    assert.match(page.url(), /\/unlock/);
    await key.verifies(true);
    await page.click('form[action="/api/session/unlock/key"] button');
    await isBack();
});
