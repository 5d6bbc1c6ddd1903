// The first start, the help desk and a locked screen in a browser that runs no script.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {House} from './house.mjs';
import {follow, openBrowser} from './browser.mjs';
import {finishEnrolment, openPlainPage, send, signIn} from './plain_page.mjs';
import {add, openWard, registerWorkstation, seat} from './ward.mjs';

let house, browser, people;

before(async () => {
    browser = await openBrowser();
    house = await House.open();
    people = await house.people();
});

after(async () => {
    await browser?.close();
    await house?.close();
});

test('the first administrator is made without a script', async () => {
    const fresh = await House.open();
    try {
        const page = await openPlainPage(browser);
        const anna = {name: 'anna', passphrase: 'four lamps over the harbour'};
        await page.goto(`${fresh.origin}/setup`);
        await send(page, '/api/setup', {code: fresh.bootstrapCode, login_name: 'anna', display_name: 'Anna Admin'});
        await finishEnrolment(fresh, page, anna);
        await page.goto(fresh.origin);
        assert.match(await page.textContent('body'), /anna/i);
        await page.context().close();
    } finally {
        await fresh.close();
    }
});

test('the help desk recovers somebody, another approves, and they enrol anew, all without a script', async () => {
    await house.stepUp(people.anna);
    await add({house, people}, 'bert', 'gateway_administrator', 'two boats drift past the pier');
    await house.stepUp(people.anna);
    await add({house, people}, 'sam', 'security_officer', 'nine pale moths at dusk');
    const agent = await openPlainPage(browser);
    await signIn(house, agent, people.bert);
    await agent.goto(`${house.origin}/recovery`);
    await send(agent, '/api/recovery', {login_name: 'erik', called_back: true, note: 'HD-4711'});
    const agentCode = await agent.textContent('#agent-code');

    const approver = await openPlainPage(browser);
    await signIn(house, approver, people.sam);
    await approver.goto(`${house.origin}/recovery`);
    await follow(approver, approver.getByRole('button', {name: 'Approve'}));
    const ticket = await approver.textContent('#ticket');

    const {erik} = people;
    const page = await openPlainPage(browser);
    await page.goto(`${house.origin}/enrol`);
    await page.fill('[name=ticket]', ticket);
    await page.fill('[name=agent_code]', agentCode);
    await page.click('main button');
    erik.passphrase = 'nine tall chimneys smoke';
    await finishEnrolment(house, page, erik);
    await page.goto(`${house.origin}/security`);
    assert.match(await page.textContent('#notices'), /was recovered/);
});

test('a screen that idleness locked opens again without a script', async () => {
    const other = await House.open();
    try {
        const others = await other.people();
        const workstation = await registerWorkstation(await openWard(other, others));
        const {nora} = others;
        const page = await openPlainPage(browser);
        await seat(page, workstation);
        await signIn(other, page, nora);
        await other.advance(30 * 60);
        await page.goto(`${other.origin}/security`);
        assert.match(page.url(), /\/(unlock|sign-in)/);
        await page.goto(`${other.origin}/unlock`);
        await send(page, '/api/session/unlock', {passphrase: 'not hers at all'});
        await page.locator('[role=alert]').waitFor();
        await send(page, '/api/session/unlock', {passphrase: nora.passphrase});
        await page.goto(`${other.origin}/security`);
        assert.equal(new URL(page.url()).pathname, '/security');
        await page.context().close();
    } finally {
        await other.close();
    }
});
