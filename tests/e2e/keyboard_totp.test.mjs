// Somebody in a hurry who uses the keyboard alone: from the sign-in page to the device's page. And
// what the pages say to those who can't see them well.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {House} from './house.mjs';
import {follow, openBrowser, openPage} from './browser.mjs';

let house, browser, people;

before(async () => {
    house = await House.open();
    people = await house.people();
    await house.registerPump(people.anna);
    await house.grant(people);
    await people.erik.client.expect('POST', '/api/notice', {});
    browser = await openBrowser();
});

after(async () => {
    await browser?.close();
    await house?.close();
});

// Every key is counted; the typed text apart from those that only get around.
class Keys {
    constructor(page) { this.page = page; this.moves = 0; }

    // Autofocus comes with the first frame that is drawn; what is typed before it is lost.
    async type(text) {
        await this.page.waitForFunction(() => document.activeElement?.matches('input'));
        await this.page.keyboard.type(text);
    }

    async press(key) {
        this.moves += 1;
        await this.page.keyboard.press(key);
    }
}

// Two frames: the first one that is drawn gives the focus away, the second comes after it.
const drawn = (page) => page.evaluate(() => new Promise((done) => {
    requestAnimationFrame(() => requestAnimationFrame(() => done()));
}));

const focused = async (page) => {
    await drawn(page);
    return page.evaluate(focusedNow);
};

const focusedNow = () => {
    const at = document.activeElement;
    const label = at.labels?.[0]?.innerText ?? at.innerText;
    return {name: at.getAttribute('name'), label, autocomplete: at.getAttribute('autocomplete'),
        described: document.getElementById(at.getAttribute('aria-describedby') ?? '')?.innerText};
};

// Text and edges of inputs against what is behind them, by WCAG 2.2 (1.4.3 and 1.4.11).
const poorContrast = (page) => page.evaluate(() => {
    const parse = (text) => text.match(/[\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
        .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const colour = parse(getComputedStyle(at).backgroundColor);
            if (colour.length === 3 || colour[3] === 1) return colour;
        }
        return [255, 255, 255];
    };
    const ratio = (a, b) => {
        const [one, other] = [light(a), light(b)].sort((x, y) => y - x);
        return (one + 0.05) / (other + 0.05);
    };
    const poor = [];
    for (const element of document.querySelectorAll('body *')) {
        if (!element.checkVisibility?.()) continue;
        const style = getComputedStyle(element);
        const ownText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        if (ownText) {
            const back = behind(element);
            const opacity = Number(style.opacity);
            const ink = parse(style.color).slice(0, 3).map((v, i) => v * opacity + back[i] * (1 - opacity));
            if (ratio(ink, back) < 4.5) poor.push(`${element.tagName} "${element.innerText.slice(0, 30)}"`);
        }
        if (['INPUT', 'SELECT'].includes(element.tagName) && element.type !== 'hidden') {
            if (ratio(parse(style.borderTopColor), behind(element.parentElement)) < 3) poor.push(`edge of ${element.name}`);
        }
    }
    return poor;
});

test('from the sign-in page to the device with the keyboard alone: four keys besides what is typed', async () => {
    const page = await openPage(browser);
    await page.goto(house.origin);
    const keys = new Keys(page);
    assert.deepEqual(await focused(page), {
        name: 'login_name', label: 'Your name here', autocomplete: 'username webauthn', described: undefined,
    });
    await keys.type('erik');
    await keys.press('Tab');
    assert.equal((await focused(page)).autocomplete, 'current-password');
    await keys.type(people.erik.passphrase);
    await Promise.all([page.waitForURL('**/sign-in/code**'), keys.press('Enter')]);
    const code = await focused(page);
    assert.equal(code.autocomplete, 'one-time-code');
    assert.equal(await page.getAttribute('[name=code]', 'inputmode'), 'numeric');
    await keys.type(await house.freshCode(people.erik));
    await Promise.all([page.waitForURL(`${house.origin}/`), keys.press('Enter')]);
    assert.equal((await focused(page)).label, 'pump-07', 'the device is under the finger');
    await Promise.all([page.waitForURL(`${house.deviceOrigin}/**`), keys.press('Enter')]);
    assert.match(await page.textContent('body'), /infusion|pump/i);
    assert.equal(keys.moves, 4);
    await page.context().close();
});

test('from a bookmark of the device: three keys, and the device\'s page comes by itself', async () => {
    const page = await openPage(browser);
    await page.goto(`${house.deviceOrigin}/`);
    const keys = new Keys(page);
    await keys.type('erik');
    await keys.press('Tab');
    await keys.type(people.erik.passphrase);
    await Promise.all([page.waitForURL('**/sign-in/code**'), keys.press('Enter')]);
    await keys.type(await house.freshCode(people.erik));
    await Promise.all([page.waitForURL(`${house.deviceOrigin}/**`), keys.press('Enter')]);
    assert.match(await page.textContent('body'), /infusion|pump/i);
    assert.equal(keys.moves, 3);
    await page.context().close();
});

test('a refused sign-in is announced, and described where the focus is', async () => {
    const page = await openPage(browser);
    await page.goto(`${house.origin}/sign-in`);
    const keys = new Keys(page);
    await keys.type('erik');
    await page.keyboard.press('Tab');
    await keys.type('not his passphrase');
    await Promise.all([page.waitForURL('**/sign-in/code**'), page.keyboard.press('Enter')]);
    await keys.type('000000');
    await Promise.all([page.waitForLoadState('load'), page.keyboard.press('Enter')]);
    await page.waitForSelector('[role=alert]');
    assert.match(await page.textContent('[role=alert]'), /That did not match\. Check your name, passphrase and code/);
    const at = await focused(page);
    assert.equal(at.name, 'login_name');
    assert.match(at.described, /That did not match/);
    await page.context().close();
});

test('asking for a visit needs nothing but what it is for: one hour from now is filled in', async () => {
    const page = await openPage(browser);
    await page.goto(house.origin);
    await page.fill('[name=login_name]', 'erik');
    await page.fill('[name=passphrase]', people.erik.passphrase);
    await follow(page);
    await page.fill('[name=code]', await house.freshCode(people.erik));
    await follow(page);
    await page.fill('[name=purpose]', 'Battery alarm in the night');
    await page.fill('[name=change_ticket]', 'CHG-1043');
    await page.press('[name=change_ticket]', 'Enter');
    await page.waitForSelector('td:text("Battery alarm in the night")');
    const row = await page.textContent('tr:has-text("Battery alarm in the night")');
    assert.match(row, /waiting for an approver/);
    await page.context().close();
});

test('a form that needs a fresh proof says so before anything is typed, and leads back to its page', async () => {
    await house.advance(5 * 60 + 1);
    const page = await openPage(browser);
    await page.goto(house.origin);
    await page.fill('[name=login_name]', 'anna');
    await page.fill('[name=passphrase]', people.anna.passphrase);
    await follow(page);
    await page.fill('[name=code]', await house.freshCode(people.anna));
    await follow(page);
    await page.goto(`${house.origin}/users`);
    assert.equal(await page.locator('.note').count(), 0, 'the proof is fresh');
    await house.advance(5 * 60 + 1);
    await page.goto(`${house.origin}/users`);
    await follow(page, '.note >> text=Confirm it first');
    await page.fill('[name=code]', await house.freshCode(people.anna));
    await follow(page);
    assert.equal(page.url(), `${house.origin}/users`);
    await house.advance(5 * 60 + 1);
    await page.fill('[name=login_name]', 'nils');
    await page.fill('[name=display_name]', 'Nils');
    await follow(page, 'main form[action="/api/users"] button');
    await page.fill('[name=code]', await house.freshCode(people.anna));
    await follow(page);
    assert.equal(page.url(), `${house.origin}/users`, 'not somewhere else');
    await page.context().close();
});

for (const colorScheme of ['light', 'dark']) {
    test(`text and the edges of inputs can be seen (${colorScheme}); each input has a label; a link skips to the content`, async () => {
        const context = await browser.newContext({ignoreHTTPSErrors: true, colorScheme});
        const page = await context.newPage();
        const look = async (where) => {
            assert.deepEqual(await poorContrast(page), [], where);
            const nameless = await page.evaluate(() => [...document.querySelectorAll('input:not([type=hidden]), select')]
                .filter((one) => !one.labels?.length && !one.getAttribute('aria-label')).map((one) => one.name));
            assert.deepEqual(nameless, [], where);
        };
        await page.goto(`${house.origin}/sign-in`);
        await look('sign-in');
        await page.goto(`${house.origin}/setup`);
        await look('setup');
        await page.goto(`${house.origin}/sign-in`);
        await page.fill('[name=login_name]', 'anna');
        await page.fill('[name=passphrase]', people.anna.passphrase);
        await follow(page);
        await look('code');
        await page.fill('[name=code]', await house.freshCode(people.anna));
        await follow(page);
        for (const path of ['/', '/users', '/devices', '/grants']) {
            await page.goto(house.origin + path);
            await look(path);
        }
        await page.keyboard.press('Tab');
        assert.equal((await focused(page)).label, 'Skip to the content');
        await Promise.all([page.waitForURL('**#main'), page.keyboard.press('Enter')]);
        await context.close();
    });
}
