// A device opens to the browser that signed in, by itself, and to no other that has its cookies.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {House} from './house.mjs';
import {follow, openBrowser, openPage} from './browser.mjs';

let house, browser, people, page;

before(async () => {
    house = await House.open();
    people = await house.people();
    await house.registerPump(people.anna);
    await house.grant(people, {minutes: 240});
    await people.erik.client.expect('POST', '/api/notice', {});
    browser = await openBrowser();
    page = await openPage(browser);
    await signIn(page);
});

after(async () => {
    await browser?.close();
    await house?.close();
});

async function signIn(where) {
    await where.goto(`${house.origin}/sign-in`);
    await where.fill('[name=login_name]', 'erik');
    await where.fill('[name=passphrase]', people.erik.passphrase);
    await follow(where, 'form[action="/api/sign-in"] button');  // and its script is there, which makes the key
    await where.fill('[name=code]', await house.freshCode(people.erik));
    await follow(where, 'form[action="/api/sign-in/code"] button');
    await where.waitForURL(`${house.origin}/`);
}

const events = async (type) => {
    const otto = await house.signIn(people.otto);
    return (await otto.expect('GET', `/api/audit?type=${type}&count=200`)).events;
};

test('S2-23 (part): cookies that were copied into another browser sign for nothing: zero bytes reach the device', async () => {
    const before = house.pumpBytes().length;
    const other = await openPage(browser);
    await other.context().addCookies(await page.context().cookies());
    await other.goto(house.origin);
    assert.match(await other.textContent('h1'), /Hello, erik/, 'the cookie alone is enough to read');
    await other.goto(`${house.deviceOrigin}/infusion`);
    await other.waitForSelector('text=does not hold the key');
    assert.ok(other.url().startsWith(house.origin), other.url());
    // Nor does a key of that browser's own, made by our own script.
    const refused = await other.evaluate(async () => {
        const {makeKey, sign} = await import('/assets/browser_keys.js');
        const {call} = await import('/assets/wire.js');
        const form = document.getElementById('handoff');
        const {challenge, host, nonce} = form.dataset;
        const {privateKey} = await makeKey();
        const signature = await sign(privateKey, 'sallyport handoff v1', challenge, host, nonce, location.origin);
        try {
            return await call('POST', form.action, {challenge, signature}, form.elements.csrf.value);
        } catch (error) {
            return error.reason;
        }
    });
    assert.equal(refused, 'handoff.signature');
    assert.equal(house.pumpBytes().length, before);
    await other.context().close();
    const seen = await events('handoff.refused');
    assert.ok(seen.some((event) => event.who === 'erik'), JSON.stringify(seen));
});

test('the browser that signed in goes on to the device by itself, and back is one step', async () => {
    await page.goto(house.origin);
    const begun = performance.now();
    await page.click('.cards >> text=pump-07');
    await page.waitForURL(`${house.deviceOrigin}/**`);
    const took = performance.now() - begun;
    assert.match(await page.textContent('body'), /infusion|pump/i);
    assert.ok(took < 5000, `${took.toFixed(0)} ms`);
    await page.goBack();
    await page.waitForURL(`${house.origin}/`);
});

test('the key can\'t be read out of the browser that made it', async () => {
    await page.goto(house.origin);
    const kept = await page.evaluate(async () => {
        const {place} = await import('/assets/sender_key.js');
        const all = await place('readonly', (store) => store.getAll());
        const outcome = async (format, key) => {
            try { await crypto.subtle.exportKey(format, key); return 'given'; } catch (error) { return error.name; }
        };
        return {
            count: all.length, extractable: all.some(({key}) => key.extractable),
            jwk: await outcome('jwk', all[0].key), pkcs8: await outcome('pkcs8', all[0].key),
        };
    });
    assert.ok(kept.count >= 1);
    assert.equal(kept.extractable, false);
    assert.equal(kept.jwk, 'InvalidAccessError');
    assert.equal(kept.pkcs8, 'InvalidAccessError');
});

test('S2-23 (part): the device host\'s own cookie, copied, opens no visit once the first has ended', async () => {
    await page.goto(`${house.deviceOrigin}/`);
    await page.waitForURL(`${house.deviceOrigin}/**`);
    const copied = await page.context().cookies(house.deviceOrigin);
    assert.ok(copied.some(({name}) => name === '__Host-sallyport-device'));
    const paula = await house.signIn(people.paula);
    const {connections} = await paula.expect('GET', '/api/connections');
    for (const {id} of connections) await paula.expect('POST', `/api/connections/${id}/end`, {});

    const before = house.pumpBytes().length;
    const thief = house.client();
    thief.cookies.set('pump-07.gate.localhost', new Map(copied.map(({name, value}) => [name, value])));
    const asked = await thief.request('GET', `${house.deviceOrigin}/infusion`, {headers: {accept: 'text/html'}});
    assert.equal(asked.status, 303);
    assert.ok(asked.headers.location.startsWith(`${house.origin}/handoff?`), asked.headers.location);
    const posted = await thief.request('POST', `${house.deviceOrigin}/infusion`, {
        body: 'rate=1', headers: {origin: house.deviceOrigin},
    });
    assert.equal(posted.status, 401);
    assert.equal(house.pumpBytes().length, before);

    // Its own browser signs once more, without a click.
    await page.goto(`${house.deviceOrigin}/infusion`);
    await page.waitForURL(`${house.deviceOrigin}/**`);
    assert.match(await page.textContent('body'), /rate/);
});

test('a browser without scripts signs in and reads, and is told why no device opens', async () => {
    const context = await browser.newContext({ignoreHTTPSErrors: true, javaScriptEnabled: false});
    const plain = await context.newPage();
    await signIn(plain);
    assert.match(await plain.textContent('#no-key'), /opens no device/);
    // The other browser is at the pump still: it must have nothing left to ask for.
    await page.waitForLoadState('networkidle');
    await page.goto('about:blank');
    const before = house.pumpBytes().length;
    await plain.click('.cards >> text=pump-07');
    assert.match(await plain.textContent('main'), /made none|scripts/);
    assert.equal(house.pumpBytes().length, before);
    await context.close();
});

test('two sign-in pages in one browser leave each other\'s keys alone', async () => {
    const second = await page.context().newPage();
    await second.goto(`${house.origin}/sign-in`);
    await second.close();
    await page.goto(`${house.deviceOrigin}/status`);
    await page.waitForURL(`${house.deviceOrigin}/**`);
    assert.equal((await people.erik.client.visit(`${house.deviceOrigin}/status`)).status, 200, 'nor a session elsewhere');
});
