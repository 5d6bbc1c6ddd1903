// Every page of the sign-in host, looked at by axe-core (WCAG 2.2 A and AA, and its best practices), in
// light and in dark; and those that people meet on a phone, at a phone's width. New pages are found in
// docs/openapi.yaml by themselves.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {after, before, test} from 'node:test';
import {faults, phone, tooWide, violations} from './axe.mjs';
import {House, proofed} from './house.mjs';
import {openBrowser} from './browser.mjs';

const contract = readFileSync(new URL('../../docs/openapi.yaml', import.meta.url), 'utf8');

// Paths that answer to GET and name nothing in particular.
const paths = [...contract.matchAll(/^ {2}(\/[^\s{}]*):\n {4}get:/gm)].map((match) => match[1])
    .filter((path) => !/^\/(api|assets|ui|health|handoff)\b/.test(path) && path !== '/api');

let house, browser, people;

before(async () => {
    house = await House.open();
    people = await house.people();
    await house.registerPump(people.anna);
    await house.grant(people);
    browser = await openBrowser();
});

after(async () => {
    await browser?.close();
    await house?.close();
});

// The policy that the server sends is tested elsewhere; here it would keep the examiner out.
const open = async (options = {}) => {
    const context = await browser.newContext({ignoreHTTPSErrors: true, bypassCSP: true, ...options});
    const page = await context.newPage();
    page.setDefaultTimeout(20000);
    return page;
};

const signIn = async (page, person) => {
    await page.goto(house.origin);
    await page.fill('[name=login_name]', person.name);
    await page.fill('[name=passphrase]', person.passphrase);
    await page.click('main button');
    await page.fill('[name=code]', await house.freshCode(person));
    await Promise.all([page.waitForURL(`${house.origin}/`), page.click('main button')]);
};

// Looks at the pages among `where`, refusals too; returns those that this browser is shown.
const lookAtAll = async (page, where, look) => {
    const seen = [];
    for (const path of where) {
        const answer = await page.goto(house.origin + path, {waitUntil: 'load'}).catch(() => undefined);
        if (!answer?.headers()['content-type']?.startsWith('text/html')) continue;
        if (answer.ok()) seen.push(new URL(page.url()).pathname);
        await look(path);
    }
    return seen;
};

const examine = (page, bad) => async (path) => {
    for (const violation of await violations(page)) bad.push(`${path}: ${violation}`);
};

for (const colorScheme of ['light', 'dark']) {
    test(`axe-core finds nothing on the pages of strangers (${colorScheme})`, async () => {
        const page = await open({colorScheme});
        const bad = [];
        const seen = await lookAtAll(page, paths, examine(page, bad));
        assert.deepEqual(bad, []);
        for (const path of ['/sign-in', '/sign-in/code', '/enrol', '/forgot', '/forgot/code', '/second-factor', '/setup', '/phone/question']) {
            assert.ok(seen.includes(path), `${path} was looked at, among ${seen}`);
        }
        await page.context().close();
    });
}

const everybodys = ['/', '/notice', '/security', '/security/passphrase', '/security/phone', '/security/badge', '/step-up'];
const looked = {
    anna: {
        schemes: ['light', 'dark'],
        shown: [
            '/audit', '/connections', '/device-groups', '/devices', '/grants', '/incidents', '/outages', '/policy', '/recovery', '/sessions',
            '/statistics', '/users', '/users/erik', '/workstations',
        ],
    },
    erik: {schemes: ['light'], shown: []},
    paula: {schemes: ['dark'], shown: ['/connections', '/grants', '/outages', '/policy', '/recordings', '/statistics']},
    otto: {
        schemes: ['light'],
        shown: [
            '/audit', '/grants', '/incidents', '/outages', '/policy', '/recordings', '/recovery', '/statistics', '/users',
            '/workstations',
        ],
    },
};
for (const [name, {schemes, shown}] of Object.entries(looked)) {
    for (const colorScheme of schemes) {
        test(`axe-core finds nothing on the pages of ${name} (${colorScheme})`, async () => {
            const page = await open({colorScheme});
            await signIn(page, people[name]);
            const bad = [];
            const where = name === 'anna' ? [...paths, '/users/erik'] : paths;
            const seen = await lookAtAll(page, where, examine(page, bad));
            assert.deepEqual(bad, []);
            for (const path of [...everybodys, ...shown]) assert.ok(seen.includes(path), `${path} among ${seen}`);
            await page.context().close();
        });
    }
}

for (const [locale, login_name] of [['en-GB', 'nils'], ['de-DE', 'nele']]) test(`axe-core finds nothing while somebody enrols, and a phone shows it all (${locale})`, async () => {
    const made = await (async () => {
        await house.stepUp(people.anna);
        return people.anna.client.expect('POST', '/api/users', {
            login_name, display_name: login_name, role: 'engineer', ...proofed,
        });
    })();
    const page = await open({locale});
    const look = async (step) => assert.deepEqual(await faults(page), [], step);
    const passphrase = 'the owl counts its feathers';
    await page.goto(`${house.origin}/enrol`);
    await look('the ticket');
    await page.fill('[name=ticket]', made.ticket.code);
    await page.click('main button');
    await look('the passphrase');
    await page.fill('[name=passphrase]', passphrase);
    await page.fill('[name=repeated]', passphrase);
    await page.click('main button');
    await page.waitForSelector('.qr svg');
    await look('the second factor');
    const invited = {name: login_name, passphrase, seed: (await page.textContent('#seed')).replaceAll(' ', '')};
    await page.fill('[name=code]', await house.freshCode(invited));
    await page.click('form[action="/api/enrolment/totp"] button');
    await page.waitForSelector('#recovery-codes li');
    await look('the recovery codes');
    await page.context().close();
});

for (const locale of ['en-GB', 'de-DE']) test(`pages of signing in, of one's own security and of recovery fit a phone (${locale})`, async () => {
    const page = await open({viewport: phone, locale});
    const wide = [];
    const look = async (path) => { if (await tooWide(page) > 0) wide.push(`${path} by ${await tooWide(page)} px`); };
    await lookAtAll(page, ['/sign-in', '/sign-in/code', '/sign-in/push', '/enrol', '/forgot', '/forgot/code', '/second-factor', '/setup', '/unlock', '/phone/question'], look);
    await signIn(page, people.anna);
    await lookAtAll(page, ['/', '/security', '/security/phone', '/step-up', '/passphrase', '/recovery', '/notice'], look);
    assert.deepEqual(wide, []);
    await page.context().close();
});

// What a page says, text by text, of its own words: what people typed and what is a value is left out.
const textsOf = (page) => page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) {
        const at = walker.currentNode;
        const text = at.data.trim();
        if (at.parentElement.closest('script, code, .who, .codes, footer, [lang]:not(html)')) continue;
        if (/[A-Za-z]{3}/.test(text)) texts.push(text);
    }
    return texts;
});

// The same in both languages.
const international = new Set([
    'Sallyport', 'Passphrase', 'Administrator', 'anna', 'Code', 'Name', 'Status',
]);
// Times, addresses, factors as the log writes them (RFC 8176).
const isValue = (text) => /^\d{4}-\d\d-\d\d |^[\w.]+\.localhost:\d+$|^(pwd|otp|hwk|uv)(\+|$)/.test(text);

test('the pages of signing in, of one\'s own security and of recovery speak German to whoever asks for it', async () => {
    const german = await open({locale: 'de-DE'});
    const english = await open({locale: 'en-GB'});
    const left = [];
    const compare = async (path) => {
        await german.goto(house.origin + path);
        await english.goto(house.origin + path);
        assert.equal(await german.getAttribute('html', 'lang'), 'de', path);
        assert.deepEqual(await faults(german), [], path);
        const same = new Set(await textsOf(english));
        for (const text of await textsOf(german)) {
            if (same.has(text) && !international.has(text) && !isValue(text)) left.push(`${path}: ${text}`);
        }
    };
    for (const path of ['/sign-in', '/sign-in/code', '/enrol', '/forgot', '/forgot/code', '/second-factor', '/setup', '/sign-in/new-key', '/phone/question']) await compare(path);
    assert.match(await german.textContent('h1'), /[Tt]elefon|[Hh]andy|[Ss]martphone/);
    await signIn(german, people.anna);
    await signIn(english, people.anna);
    for (const path of ['/security', '/security/passphrase', '/security/badge', '/security/phone', '/step-up', '/recovery']) await compare(path);
    assert.deepEqual(left, []);
    await Promise.all([german.waitForURL('**/recovery'), german.click('footer >> text=English')]);
    assert.equal(await german.getAttribute('html', 'lang'), 'en', 'a choice counts more than the browser\'s wish');
    await german.context().close();
    await english.context().close();
});
