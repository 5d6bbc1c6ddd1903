// A nurse who goes from one workstation of her ward to the next, in two browsers. What the badge
// program says is said here; a real reader is in badge_totp.test.mjs.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {House} from './house.mjs';
import {openBrowser, openPage} from './browser.mjs';
import {badgePin, openWard, registerReader, registerWorkstation, seat, tap} from './ward.mjs';

const lockedWithin = 2000;  // milliseconds, S1-34
const card = '04a1b2c3d4e5f6';
let house, people, ward, browser, first, second;

// {page, reader, token, card}: a browser at a workstation of its own, with a badge reader.
async function deskAt(name) {
    const workstation = await registerWorkstation(ward, name);
    const reader = house.client();
    const token = await registerReader(ward, workstation, reader);
    const page = await openPage(browser);
    await seat(page, workstation);
    return {workstation, page, reader, token, card};
}

const whoIsAt = ({page}) => page.evaluate(async () => {
    const answer = await fetch('/api/session', {headers: {accept: 'application/json'}});
    return answer.status === 200 ? (await answer.json()).login_name : null;
});

async function typeBadgePin({page}) {
    await page.waitForSelector('h1:text("Hello, nora")');
    await page.fill('[name=pin]', badgePin);
    await page.click('main button');
}

const roamed = async () => {
    const otto = await house.signIn(people.otto);
    await house.stepUp(people.otto);
    const {events} = await otto.expect('GET', '/api/audit?type=session.roamed');
    return events;
};

before(async () => {
    house = await House.open();
    people = await house.people();
    ward = await openWard(house, people);
    browser = await openBrowser();
    first = await deskAt('ward-3-a');
    second = await deskAt('ward-3-b');
});

after(async () => {
    await browser?.close();
    await house?.close();
});

test('S1-80 (part): with badge and PIN a session goes on in the next browser, and the one before locks its page', async () => {
    const {page} = first;
    await page.goto(`${house.origin}/sign-in`);
    await page.fill('[name=login_name]', 'nora');
    await page.fill('[name=passphrase]', people.nora.passphrase);
    await page.click('main button');
    await page.fill('[name=code]', await house.freshCode(people.nora));
    await page.click('main button');
    await page.waitForURL(`${house.origin}/`);
    await tap(first, 'unknown');
    await page.goto(`${house.origin}/security/badge`);
    await page.waitForSelector('[name=label]');
    await page.fill('[name=pin]', badgePin);
    await page.fill('[name=repeated]', badgePin);
    await page.click('form[action="/api/self/authenticators/badge"] button');
    await page.waitForSelector('text=Another PIN for');
    await page.goto(`${house.origin}/security`);
    await page.waitForRequest('**/api/workstation/watch');

    await second.page.goto(`${house.origin}/badge`);
    await tap(second, 'asks_for_pin');
    await second.page.waitForSelector('[name=pin]');
    assert.equal(await whoIsAt(first), 'nora', 'her card alone moves nothing');
    const begun = Date.now();
    await Promise.all([page.waitForURL('**/badge?next=**', {timeout: 10_000}), typeBadgePin(second)]);
    const took = Date.now() - begun;
    assert.ok(took <= lockedWithin, `locked after ${took} ms`);
    await second.page.waitForURL(`${house.origin}/`);
    assert.deepEqual([await whoIsAt(first), await whoIsAt(second)], [null, 'nora']);
    assert.equal((await roamed()).length, 1);

    // And back, to the page that she had left.
    await second.page.goto(`${house.origin}/security`);
    await second.page.waitForRequest('**/api/workstation/watch');
    await tap(first, 'asks_for_pin');
    await Promise.all([second.page.waitForURL('**/badge?next=**', {timeout: 10_000}), typeBadgePin(first)]);
    await page.waitForURL(`${house.origin}/security`);
    assert.deepEqual([await whoIsAt(first), await whoIsAt(second)], ['nora', null]);
    assert.equal((await roamed()).length, 2);
});
