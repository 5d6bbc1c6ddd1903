// The main job as a person does it, in a real browser: first start, enrolment with an authenticator
// app, one page of devices, a click, the pump's own page.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {after, before, test} from 'node:test';
import {House, proofed} from './house.mjs';
import {follow, openBrowser, openPage} from './browser.mjs';

let house, browser, people, page;

before(async () => {
    house = await House.open();
    browser = await openBrowser();
});

after(async () => {
    await browser?.close();
    await house?.close();
});

test('first start: the code typed into the page makes the first administrator, who is urged to add a second', async () => {
    const admin = await openPage(browser);
    await admin.goto(`${house.origin}/setup`);
    await admin.fill('[name=code]', house.bootstrapCode);
    await admin.fill('[name=display_name]', 'Anna Admin');
    await admin.fill('[name=login_name]', 'anna');
    await follow(admin);
    await admin.fill('[name=passphrase]', 'four lamps over the harbour');
    await admin.fill('[name=repeated]', 'four lamps over the harbour');
    await follow(admin);
    assert.equal(await admin.locator('.qr svg').count(), 1, 'the seed is shown as a QR code');
    const seed = (await admin.textContent('#seed')).replaceAll(' ', '');
    const anna = {name: 'anna', seed, passphrase: 'four lamps over the harbour'};
    await admin.fill('[name=code]', house.code(anna));
    await follow(admin, 'form[action="/api/enrolment/totp"] button');
    assert.equal(await admin.locator('#recovery-codes li').count(), 10, 'ten recovery codes');
    assert.match(await admin.textContent('main'), /add a second administrator/);
    await follow(admin, 'text=Continue');
    assert.match(await admin.textContent('h1'), /Hello, anna/, 'finishing enrolment opened the session');

    // The same session, for the JSON half of this test.
    anna.client = house.client();
    await house.signIn(anna, anna.client);
    people = {anna};
});

test('the administrator creates people, who enrol alone, and registers the pump on its page', async () => {
    const {anna} = people;
    for (const [name, role, passphrase] of [
        ['erik', 'engineer', 'seven grey geese went south'],
        ['paula', 'approver', 'a bell rings under water'],
    ]) {
        const made = await anna.client.expect('POST', '/api/users', {login_name: name, display_name: name, role, ...proofed});
        const enrolling = await openPage(browser);
        await enrolling.goto(`${house.origin}/enrol`);
        await enrolling.fill('[name=ticket]', made.ticket.code);
        await follow(enrolling);
        await enrolling.fill('[name=passphrase]', passphrase);
        await enrolling.fill('[name=repeated]', passphrase);
        await follow(enrolling);
        const person = {name, role, passphrase, seed: (await enrolling.textContent('#seed')).replaceAll(' ', '')};
        await enrolling.fill('[name=code]', house.code(person));
        await follow(enrolling, 'form[action="/api/enrolment/totp"] button');
        assert.equal(await enrolling.locator('#recovery-codes li').count(), 10);
        people[name] = person;
        await enrolling.context().close();
    }
    await house.registerPump(anna);
});

test('the engineer asks on his page and the approver approves on hers', async () => {
    await house.advance(60);
    page = await openPage(browser);
    await page.goto(house.origin);
    await page.fill('[name=login_name]', 'erik');
    await page.fill('[name=passphrase]', people.erik.passphrase);
    await follow(page);
    await page.fill('[name=code]', await house.freshCode(people.erik));
    await follow(page);
    assert.match(await page.textContent('h1'), /Hello, erik/);

    const now = new Date(Date.now() + house.offset * 1000);
    const minute = (date) => date.toISOString().slice(0, 16);
    await page.selectOption('[name=device]', 'pump-07');
    await page.fill('[name=purpose]', 'Quarterly check of the sensor');
    await page.fill('[name=change_ticket]', 'CHG-1042');
    await page.fill('[name=from]', minute(now));
    await page.fill('[name=until]', minute(new Date(now.getTime() + 3600_000)));
    await follow(page, 'main form[action="/api/grants"] button');
    assert.match(await page.textContent('main'), /waiting for an approver/);

    const approver = await openPage(browser);
    await approver.goto(house.origin);
    await approver.fill('[name=login_name]', 'paula');
    await approver.fill('[name=passphrase]', people.paula.passphrase);
    await follow(approver);
    await approver.fill('[name=code]', await house.freshCode(people.paula));
    await follow(approver);
    await follow(approver, 'nav >> text=Grants');
    await follow(approver, 'button:text-is("Approve")');
    assert.match(await approver.textContent('main'), /open/);
    await approver.context().close();
});

test('S2-10 (part): the engineer reads the notice, clicks the pump and works on its own page at its own host', async () => {
    await page.goto(house.origin);
    await follow(page, '.cards >> text=pump-07');
    assert.match(await page.textContent('h1'), /Visits are recorded/, 'the notice comes first');
    await follow(page, 'text=I have read this');
    await page.waitForURL(`${house.deviceOrigin}/**`);
    assert.ok(!page.url().includes('code='), 'the address is clean after the handoff');
    assert.match(await page.textContent('body'), /infusion|pump/i);
    const state = await page.evaluate(async () => {
        const answer = await fetch('/infusion');
        return {status: answer.status, text: await answer.text()};
    });
    assert.equal(state.status, 200, state.text);
    assert.match(state.text, /rate/);
});

test('S2-25 (part): nothing that the browser can read holds the pump\'s password', async () => {
    assert.ok(page.url().startsWith(house.deviceOrigin), 'the browser is on the device\'s own host');
    const password = house.servicePassword();
    const basic = Buffer.from(`service:${password}`).toString('base64');
    for (const path of ['/', '/infusion', '/debug', '/status']) {
        const seen = await page.evaluate(async (where) => {
            const answer = await fetch(where);
            return JSON.stringify([...answer.headers]) + await answer.text();
        }, path);
        assert.ok(!seen.includes(password), `${path} shows it in plain`);
        assert.ok(!seen.includes(basic), `${path} shows it in Base64`);
        assert.ok(!seen.includes(encodeURIComponent(password)) || encodeURIComponent(password) === password);
    }
    const cookies = await page.context().cookies();
    for (const cookie of cookies.filter((one) => one.name.startsWith('__Host-'))) {
        assert.ok(cookie.secure && cookie.httpOnly && cookie.path === '/', cookie.name);
    }
});

test('signing out ends the visit: the device host sends the browser to the sign-in page', async () => {
    await page.goto(house.origin);
    await follow(page, 'text=Sign out');
    await page.goto(`${house.deviceOrigin}/`);
    assert.ok(page.url().startsWith(`${house.origin}/sign-in`), page.url());
});

test('the sign-in pages work without scripts and pass under a policy that allows none', async () => {
    const context = await browser.newContext({ignoreHTTPSErrors: true, javaScriptEnabled: false});
    const plain = await context.newPage();
    const answer = await plain.goto(`${house.origin}/sign-in`);
    const policy = answer.headers()['content-security-policy'];
    assert.match(policy, /default-src 'none'/);
    assert.ok(!/unsafe/.test(policy), policy);
    assert.match(policy, /require-trusted-types-for 'script'/);
    assert.equal(answer.headers()['referrer-policy'], 'no-referrer');
    await context.close();
});

test('all scripts that a browser loads for the sign-in page are under 20 kB', async () => {
    const fresh = await openPage(browser);
    const bodies = [];
    fresh.on('response', (answer) => {
        if (answer.request().resourceType() === 'script') bodies.push(answer.body());
    });
    await fresh.goto(`${house.origin}/sign-in`, {waitUntil: 'networkidle'});
    const inline = await fresh.$$eval('script:not([src])', (all) => all.map((each) => each.textContent).join(''));
    const bytes = (await Promise.all(bodies)).reduce((sum, body) => sum + body.length, inline.length);
    assert.ok(bodies.length > 0);
    assert.ok(bytes < 20_000, `${bytes} bytes`);
    await fresh.context().close();
});
