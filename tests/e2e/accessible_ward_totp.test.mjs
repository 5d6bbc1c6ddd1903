// What a nurse meets in the middle of something, in both languages: a badge and its PIN, a screen that
// idleness locked, a sign-in that was refused, a phone that is asked. Looked at by axe-core, in light and
// in dark, at a phone's width too.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {faults} from './axe.mjs';
import {openBrowser} from './browser.mjs';
import {House} from './house.mjs';
import {badgePin, openWard, registerReader, registerWorkstation, seat, tap} from './ward.mjs';

const languages = {
    en: {
        locale: 'en-GB',
        refused: 'That did not match.',
        card: 'A card is on the reader.',
        badge: 'Another PIN for',
        putOn: 'Put your badge on the reader.',
        greeting: 'Hello, nora',
        pin: 'PIN of your badge',
        unlock: 'Unlock',
        training: 'Read this first',
        question: 'Somebody is signing in with your passphrase:',
        waits: 'Open Sallyport on your phone',
        answered: 'Your phone has answered.',
    },
    de: {
        locale: 'de-DE',
        refused: 'Das stimmte nicht überein.',
        card: 'Auf dem Leser liegt eine Karte.',
        badge: 'Andere PIN für',
        putOn: 'Legen Sie Ihren Ausweis auf den Leser.',
        greeting: 'Guten Tag, nora',
        pin: 'PIN Ihres Ausweises',
        unlock: 'Entsperren',
        training: 'Lesen Sie zuerst dies',
        question: 'Jemand meldet sich gerade mit Ihrer Passphrase an:',
        waits: 'Öffnen Sie Sallyport auf Ihrem Smartphone',
        answered: 'Ihr Smartphone hat geantwortet.',
    },
};
const cards = {en: '04a1b2c3d4e5f6', de: '04ffeeddccbbaa'};
const desks = {};  // with a badge reader, by language
const screens = {};  // without
let house, browser, people;

before(async () => {
    house = await House.open();
    people = await house.people();
    const ward = await openWard(house, people);
    for (const language of Object.keys(languages)) {
        const workstation = await registerWorkstation(ward, `desk-${language}`);
        const reader = house.client();
        desks[language] = {workstation, reader, token: await registerReader(ward, workstation, reader), card: cards[language]};
        screens[language] = await registerWorkstation(ward, `screen-${language}`);
    }
    browser = await openBrowser();
});

after(async () => {
    await browser?.close();
    await house?.close();
});

// The policy that the server sends is tested elsewhere; here it would keep the examiner out.
async function open(locale) {
    const context = await browser.newContext({ignoreHTTPSErrors: true, bypassCSP: true, locale});
    const page = await context.newPage();
    page.setDefaultTimeout(20000);
    return page;
}

// The page says that in its language, and axe-core finds nothing.
async function finds(page, language, said) {
    await page.getByText(languages[language][said]).first().waitFor();
    assert.equal(await page.getAttribute('html', 'lang'), language, said);
    assert.deepEqual(await faults(page), [], said);
}

const send = (page, action) => page.click(`form[action="${action}"] button`);

async function firstForm(page, {name, passphrase}) {
    await page.goto(`${house.origin}/sign-in`);
    await page.fill('[name=login_name]', name);
    await page.fill('[name=passphrase]', passphrase);
    await send(page, '/api/sign-in');
}

async function signIn(page, person) {
    await firstForm(page, person);
    await page.fill('[name=code]', await house.freshCode(person));
    await send(page, '/api/sign-in/code');
    await page.waitForURL(`${house.origin}/`);
}

for (const [language, {locale}] of Object.entries(languages)) {
    test(`axe-core finds nothing on a sign-in that was refused (${language})`, async () => {
        const page = await open(locale);
        await firstForm(page, {name: 'nora', passphrase: 'not the right one at all'});
        await page.fill('[name=code]', '000000');
        await send(page, '/api/sign-in/code');
        await finds(page, language, 'refused');
        await page.context().close();
    });

    test(`axe-core finds nothing where a badge is bound, locks, and is refused its PIN (${language})`, async () => {
        const desk = desks[language];
        const page = await open(locale);
        await seat(page, desk.workstation);
        await signIn(page, people.nora);
        await tap(desk, 'unknown');
        await page.goto(`${house.origin}/security/badge`);
        await finds(page, language, 'card');
        for (const field of ['pin', 'repeated']) await page.fill(`[name=${field}]`, badgePin);
        await send(page, '/api/self/authenticators/badge');
        await finds(page, language, 'badge');

        await tap(desk, 'locked');
        await page.waitForURL('**/badge?next=**');
        await finds(page, language, 'putOn');
        await tap(desk, 'asks_for_pin');
        await finds(page, language, 'greeting');
        await finds(page, language, 'pin');
        await page.fill('[name=pin]', '111222');
        await send(page, '/api/session/unlock-with-badge');
        await finds(page, language, 'refused');
        await page.context().close();
    });

    test(`axe-core finds nothing on a screen that idleness locked, and that stays so (${language})`, async () => {
        const page = await open(locale);
        await seat(page, screens[language]);
        await signIn(page, people.nora);
        await house.advance(30 * 60);
        await page.goto(`${house.origin}/unlock`);
        await finds(page, language, 'unlock');
        await page.fill('[name=passphrase]', 'not hers at all');
        await send(page, '/api/session/unlock');
        await finds(page, language, 'refused');
        await page.context().close();
    });

    test(`axe-core finds nothing while a phone is added and asked, on it and at the desk (${language})`, async () => {
        const phone = await open(locale);
        await signIn(phone, people.nora);
        await phone.goto(`${house.origin}/security/phone`);
        await finds(phone, language, 'training');
        await phone.fill('[name=label]', `Phone ${language}`);
        await phone.check('[name=training]');
        await send(phone, '/api/self/authenticators/push');
        await phone.waitForURL('**/phone/question');

        const desk = await open(locale);
        await firstForm(desk, people.nora);
        await send(desk, '/api/sign-in/push');
        const number = await desk.locator('#number strong').innerText();
        await finds(desk, language, 'waits');
        await finds(phone, language, 'question');
        await phone.fill('[name=number]', number);
        await phone.click('button[value=approve]');
        await finds(desk, language, 'answered');
        await Promise.all([phone.context().close(), desk.context().close()]);
    });
}
