// The end of a session as a person sees it: warned in time, able to stay, and with what they typed
// still there after they signed in again. The server's clock is moved; the browser's counts for
// nothing, and is moved too, to show it.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {House, proofed} from './house.mjs';
import {openBrowser} from './browser.mjs';

let house, browser, people;

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

// A page whose own clock the test holds, with what went wrong in it.
async function openWatchedPage() {
    const context = await browser.newContext({ignoreHTTPSErrors: true});
    const page = await context.newPage();
    page.setDefaultTimeout(20000);
    page.problems = [];
    page.on('console', (message) => {
        // (An answer 401, or an icon that is not there, is no mistake of a script.)
        const ours = message.type() === 'error' && !message.text().startsWith('Failed to load resource');
        if (ours) page.problems.push(message.text());
    });
    page.on('pageerror', (error) => page.problems.push(String(error)));
    await page.clock.install();
    return page;
}

async function signIn(page, name) {
    await page.fill('[name=login_name]', name);
    await page.fill('[name=passphrase]', people[name].passphrase);
    await page.click('main button');
    await page.fill('[name=code]', await house.freshCode(people[name]));
    await page.click('main button');
}

// Time passes for the server and, without anything being decided by it, for the browser: until its page
// has asked anew. (An answer that was on its way meanwhile tells what was before.)
async function pass(page, seconds) {
    await page.waitForLoadState('load');  // its script has begun
    await house.advance(seconds);
    let asked = false;
    const look = (request) => { asked ||= new URL(request.url()).pathname === '/api/session'; };
    page.on('request', look);
    await house.until('the page to ask anew', async () => {
        if (!asked) await page.clock.runFor(31_000);
        return asked;
    }, 20);
    page.off('request', look);
}

// What the server says of this browser's session; looking at /api/session does not count.
async function session(page, path = '/api/session') {
    return page.evaluate(async (where) => {
        const answer = await fetch(where, {headers: {accept: 'application/json'}});
        return {status: answer.status, json: await answer.json()};
    }, path);
}

const warning = '#session-watch';

test('S0-56 (part): a warning is seen and announced two minutes before the idle end, and a button stays signed in', async () => {
    const page = await openWatchedPage();
    await page.goto(house.origin);
    await signIn(page, 'erik');
    await page.waitForSelector('h2:text("Ask for access")');
    assert.equal(await page.isVisible(warning), false);
    // 15 minutes of idle: nothing is said at eleven, and everything at thirteen.
    await pass(page, 11 * 60);
    assert.equal(await page.isVisible(warning), false);
    await pass(page, 2 * 60 - 5);
    await page.waitForSelector(warning);
    assert.match(await page.textContent(`${warning} [role=alert]`), /signed out in (2 minutes|a minute)/);
    const {json} = await session(page);
    assert.ok(json.idle_left_seconds >= 120, `told with ${json.idle_left_seconds} s left`);
    // Asking in the background has extended nothing; the person's wish does.
    await page.click(`${warning} button`);
    await page.waitForSelector(warning, {state: 'hidden'});
    assert.ok((await session(page)).json.idle_left_seconds > 890);
    assert.deepEqual(page.problems, []);
    await page.context().close();
});

test('S1-42 (part): the browser\'s clock ends nothing and prolongs nothing', async () => {
    const page = await openWatchedPage();
    await page.goto(house.origin);
    await signIn(page, 'erik');
    await page.waitForSelector('h2:text("Ask for access")');
    await page.clock.fastForward('12:00:00');
    await page.clock.runFor(31_000);
    assert.equal((await session(page)).status, 200);
    assert.equal(await page.isVisible(warning), false);
    assert.equal(page.url(), `${house.origin}/`);
    await page.clock.setSystemTime(new Date('2001-01-01T00:00:00Z'));
    await pass(page, 15 * 60);
    await page.waitForURL('**/sign-in?next=**');
    assert.equal((await session(page)).status, 401);
    await page.context().close();
});

test('S0-56: short idle in consult rooms is warned about; people are warned in time and find what they typed', async () => {
    // What the security officer is told about 15 minutes for clinicians in consult rooms.
    const sam = {name: 'sam', passphrase: 'the kiln is cold on Mondays', client: house.client()};
    await house.signIn(people.anna, people.anna.client);  // the tests before took longer than she may be idle
    const made = await people.anna.client.expect('POST', '/api/users', {
        login_name: 'sam', display_name: 'Sam', role: 'security_officer', ...proofed,
    });
    await sam.client.expect('POST', '/api/enrolment', {ticket: made.ticket.code});
    await house.enrol(sam);
    const policy = await sam.client.expect('GET', '/api/policy');
    policy.zones = [{name: 'consult-2', kind: 'consult_room', networks: ['10.2.0.0/16']}];
    policy.timer_profiles.find((one) => one.role === 'clinician' && one.zone === 'consult_room').idle_seconds = 900;
    const {warnings} = await sam.client.expect('POST', '/api/policy/proposals', {policy, rationale: 'shorter in consult rooms'});
    assert.equal(warnings.length, 1);
    assert.match(warnings[0].text, /rationale/);

    const page = await openWatchedPage();
    await page.goto(house.origin);
    await signIn(page, 'erik');
    await page.fill('[name=purpose]', 'Half a sentence about the sens');
    await page.fill('[name=change_ticket]', 'CHG-77');
    await pass(page, 13 * 60 - 5);
    await page.waitForSelector(warning);
    assert.ok((await session(page)).json.idle_left_seconds >= 120);
    await pass(page, 2 * 60 + 5);
    await page.waitForURL('**/sign-in?next=**');
    assert.equal(await page.locator('[name=purpose]').count(), 0, 'what was on the screen is gone');
    await signIn(page, 'erik');
    await page.waitForSelector('text=What you had typed here is back.');
    assert.equal(await page.inputValue('[name=purpose]'), 'Half a sentence about the sens');
    assert.equal(await page.inputValue('[name=change_ticket]'), 'CHG-77');
    // Once it is sent, it does not come back.
    await page.fill('[name=purpose]', 'A whole sentence about the sensor');
    await page.click('main form[action="/api/grants"] button');
    await page.waitForSelector('td:text("A whole sentence about the sensor")');
    assert.equal(await page.inputValue('[name=purpose]'), '');
    assert.deepEqual(page.problems, []);
    await page.context().close();
});

test('a form that is sent after the end comes back filled in, and so does one that asks for a fresh proof', async () => {
    const page = await openWatchedPage();
    await page.goto(`${house.origin}/users`);
    await signIn(page, 'anna');
    await page.fill('[name=login_name]', 'nils');
    await page.fill('[name=display_name]', 'Nils Nurse');
    await house.advance(5 * 60 + 1);
    await page.click('main form[action="/api/users"] button');
    await page.waitForURL('**/step-up?next=**');
    await page.fill('[name=code]', await house.freshCode(people.anna));
    await page.click('main button');
    await page.waitForURL(`${house.origin}/users`);
    await page.waitForSelector('text=What you had typed here is back.');
    assert.equal(await page.inputValue('[name=display_name]'), 'Nils Nurse');

    await house.advance(15 * 60);
    await page.click('main form[action="/api/users"] button');
    await page.waitForURL('**/sign-in?next=**');
    await signIn(page, 'anna');
    await page.waitForURL(`${house.origin}/users`);
    await page.waitForSelector('text=What you had typed here is back.');
    assert.equal(await page.inputValue('[name=login_name]'), 'nils');
    assert.deepEqual(page.problems, []);
    await page.context().close();
});

test('nothing is kept of passwords and codes, for somebody else, or over a sign-out', async () => {
    const page = await openWatchedPage();
    const kept = () => page.evaluate(() => JSON.stringify({...sessionStorage}));
    await page.goto(`${house.origin}/security`);
    await signIn(page, 'erik');
    await page.fill('[name=label] >> nth=-1', 'Tablet in the bag');
    assert.match(await kept(), /Tablet in the bag/);
    await page.goto(`${house.origin}/step-up`);
    await page.fill('[name=code]', '123456');
    assert.doesNotMatch(await kept(), /123456/);

    // Whoever types before the script is there loses nothing, neither that nor what was kept before.
    let go;
    const typed = new Promise((done) => { go = done; });
    await page.route('**/*.js', async (route) => {
        await typed;
        await route.continue();
    });
    await page.goto(`${house.origin}/security`, {waitUntil: 'commit'});
    await page.fill('[name=said] >> nth=0', 'Somebody was at my screen');
    assert.doesNotMatch(await kept(), /at my screen/);
    go();
    await page.waitForLoadState('load');
    assert.match(await kept(), /at my screen/);
    assert.match(await kept(), /Tablet in the bag/);
    await page.unroute('**/*.js');

    // Somebody else, in the same tab, after the idle end.
    await page.goto(`${house.origin}/security`);
    await pass(page, 15 * 60);
    await page.waitForURL('**/sign-in?next=**');
    await signIn(page, 'paula');
    await page.waitForSelector('h1:text("Your security")');
    assert.equal(await page.inputValue('[name=label] >> nth=-1'), '');
    assert.doesNotMatch(await kept(), /Tablet/);

    await page.fill('[name=label] >> nth=-1', 'Paula\'s tablet');
    assert.match(await kept(), /Paula/);
    await page.click('button:text("Sign out")');
    await page.waitForURL('**/sign-in');
    assert.doesNotMatch(await kept(), /Paula/);
    assert.deepEqual(page.problems, []);
    await page.context().close();
});

test('the hard cap is announced without a button, since nothing moves it', async () => {
    const page = await openWatchedPage();
    await page.goto(house.origin);
    await signIn(page, 'erik');
    await page.waitForSelector('h2:text("Ask for access")');
    for (let minutes = 0; minutes < 8 * 60 - 10; minutes += 10) {
        await house.advance(10 * 60);
        await session(page, '/api/session/continue');
    }
    const {json} = await session(page);
    await house.advance(json.left_seconds - 130);
    await session(page, '/api/session/continue');
    await page.clock.runFor(31_000);
    await page.waitForSelector(warning);
    assert.match(await page.textContent(warning), /a session has a longest time/);
    assert.equal(await page.isVisible(`${warning} button`), false);
    await pass(page, 131);
    await page.waitForURL('**/sign-in?next=**');
    await page.context().close();
});
