// Somebody who lost what they signed in with: the help desk's recovery ends with a new security key, in a
// real browser, and what was lost opens nothing any more.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House} from './house.mjs';
import {addSecurityKey, openBrowser, openPage} from './browser.mjs';
import {add} from './ward.mjs';

let house, browser, people;

before(async () => {
    house = await House.open();
    people = await house.people();
    await house.stepUp(people.anna);
    await add({house, people}, 'bert', 'gateway_administrator', 'two boats drift past the pier');
    await house.stepUp(people.anna);
    await add({house, people}, 'sam', 'security_officer', 'nine pale moths at dusk');
    browser = await openBrowser({trusted: readFileSync(join(house.folder, 'site/tls/demo-cert.pem'))});
});

after(async () => {
    await browser?.close();
    await house?.close();
});

const session = (page) => page.evaluate(async () => (await fetch('/api/session')).json());

async function recover(name) {
    await house.stepUp(people.bert);
    const opened = await people.bert.client.expect('POST', '/api/recovery', {login_name: name, checks: ['called_back']});
    await house.stepUp(people.sam);
    const {ticket} = await people.sam.client.expect('POST', `/api/recovery/${opened.id}/approve`, {});
    return {ticket: ticket.code, agentCode: opened.agent_code};
}

test('S1-29 (part): a recovery through the help desk ends with a new security key, and the app of before is gone', async () => {
    const {erik} = people;
    const {ticket, agentCode} = await recover('erik');
    const page = await openPage(browser, {ignoreHTTPSErrors: false});
    const key = await addSecurityKey(page);
    await page.goto(`${house.origin}/enrol`);
    await page.fill('[name=ticket]', ticket);
    await page.fill('[name=agent_code]', agentCode);
    await page.getByRole('button', {name: 'Begin', exact: true}).click();
    erik.passphrase = 'nine tall chimneys smoke';
    await page.fill('[name=passphrase]', erik.passphrase);
    await page.fill('[name=repeated]', erik.passphrase);
    await page.click('form[action="/api/enrolment/passphrase"] button');
    await page.click('form[action="/api/enrolment/key"] button');
    await page.locator('#recovery-codes li').nth(9).waitFor();
    assert.match((await session(page)).factor, /^pwd\+hwk/);
    assert.equal((await key.credentials()).length, 1);

    // The code of the app that he had is worth nothing; passphrase and key sign in.
    const stranger = house.client();
    await stranger.expect('POST', '/api/sign-in', {login_name: erik.name, passphrase: erik.passphrase});
    const refused = await stranger.request('POST', '/api/sign-in/code', {json: {code: await house.freshCode(erik)}});
    assert.equal(refused.status, 401);
    await page.context().clearCookies();
    await key.present(false);
    await page.goto(`${house.origin}/sign-in`);
    await page.fill('[name=login_name]', erik.name);
    await page.fill('[name=passphrase]', erik.passphrase);
    await page.click('form[action="/api/sign-in"] button');
    await page.waitForURL(/sign-in\/code/);
    await key.present(true);
    await page.click('form[action="/api/sign-in/key"] button');
    await page.waitForURL(`${house.origin}/`);
    assert.equal((await session(page)).login_name, 'erik');
});
