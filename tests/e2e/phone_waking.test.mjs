// A phone's page sends the subscription that its browser has, whenever the server has none. Chromium
// without a display reaches no push service, so its subscription is made up; all else is real.
import {after, before, test} from 'node:test';
import assert from 'node:assert/strict';
import {createECDH, randomBytes} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {House} from './house.mjs';
import {openBrowser, openPage} from './browser.mjs';

const service = 'push.hospital.example';

let house;
let people;
let browser;
let phone;

before(async () => {
    house = await House.open({
        configure: (text) => `${text}\n[push]\nhosts = ["${service}"]\ncontact = "mailto:it@hospital.example"\n`,
    });
    people = await house.people();
    browser = await openBrowser({trusted: readFileSync(join(house.folder, 'site/tls/demo-cert.pem'))});
    phone = await openPage(browser, {ignoreHTTPSErrors: false});
    await phone.addInitScript((subscription) => {
        const made = {toJSON: () => subscription};
        PushManager.prototype.getSubscription = async () => (localStorage.getItem('subscribed') ? made : null);
        PushManager.prototype.subscribe = async () => {
            localStorage.setItem('subscribed', 'yes');
            return made;
        };
    }, {
        endpoint: `https://${service}/made-up`, expirationTime: null,
        keys: {p256dh: createECDH('prime256v1').generateKeys('base64url'), auth: randomBytes(16).toString('base64url')},
    });
});

after(async () => {
    await browser?.close();
    await house?.close();
});

async function addPhone() {
    await phone.goto(`${house.origin}/security/phone`);
    await phone.getByLabel('What you call it').fill('My phone');
    await phone.getByLabel('I have read this.').check();
    await phone.getByRole('button', {name: 'Add this phone'}).click();
    await phone.waitForURL('**/phone/question');
}

async function addresses() {
    const {events} = await people.otto.client.expect('GET', '/api/audit?type=cred.push_address_set');
    return events.length;
}

// Once the page has asked whether it has to send anything.
async function reloaded() {
    const asked = phone.waitForResponse((answer) => answer.url() === `${house.origin}/api/phone/question`);
    await phone.reload();
    await asked;
}

test('an address that could not be sent is sent when the page is opened next, and not again', async () => {
    const {erik} = people;
    await phone.goto(`${house.origin}/sign-in`);
    await phone.getByLabel('Your name here').fill(erik.name);
    await phone.getByLabel('Passphrase').fill(erik.passphrase);
    await phone.getByRole('button', {name: 'Continue'}).click();
    await phone.getByLabel('Code from your authenticator app').fill(await house.freshCode(erik));
    await phone.getByRole('button', {name: 'Sign in'}).click();
    await phone.getByRole('button', {name: 'Sign out'}).waitFor();
    await addPhone();
    await phone.route('**/api/phone/address', (route) => route.abort(), {times: 1});
    const failed = phone.waitForEvent('requestfailed', (request) => request.url().endsWith('/api/phone/address'));
    await phone.getByRole('button', {name: 'Wake this phone by messages'}).click();
    await failed;
    assert.equal(await addresses(), 0);
    await reloaded();
    await house.until('the address', async () => await addresses() === 1);
    await reloaded();
    await phone.waitForTimeout(500);
    assert.equal(await addresses(), 1);
    assert.ok(await phone.locator('#wake').isHidden());
});

test('a phone that was removed and added again in the same browser is woken again', async () => {
    await phone.goto(`${house.origin}/security`);
    const row = phone.locator('tr', {has: phone.locator('input[value="My phone"]')});
    await row.getByRole('button', {name: 'Remove'}).click();
    await row.waitFor({state: 'detached'});
    await addPhone();
    await house.until('the address of the new phone', async () => await addresses() === 2);
});

// As the browser hands a message on that came from a push service. A message may be lost, there as
// here: the browser drops one whose worker it can't start at that moment. So it is sent until one arrives.
test('a message makes the phone\'s worker say that there is a question, and nothing of it', async () => {
    await phone.context().grantPermissions(['notifications'], {origin: house.origin});
    const browserItself = await phone.context().newCDPSession(phone);
    let worker;
    browserItself.on('ServiceWorker.workerRegistrationUpdated', ({registrations}) => {
        worker = registrations.find(({scopeURL, isDeleted}) =>
            scopeURL === `${house.origin}/phone/` && !isDeleted) ?? worker;
    });
    await browserItself.send('ServiceWorker.enable');
    await house.until('the worker', () => worker);
    await house.until('the worker at work', () => phone.evaluate(async () => {
        const registration = await navigator.serviceWorker.getRegistration('/phone/');
        return registration?.active?.state === 'activated';
    }));
    const shown = await house.until('a notification', async () => {
        await browserItself.send('ServiceWorker.deliverPushMessage', {
            origin: house.origin, registrationId: worker.registrationId, data: '',
        });
        return phone.evaluate(async () => {
            const registration = await navigator.serviceWorker.getRegistration('/phone/');
            const [first] = await registration.getNotifications();
            return first && {title: first.title, body: first.body, tag: first.tag};
        });
    });
    assert.deepEqual(shown, {
        title: 'Sallyport', body: 'Somebody is signing in with your passphrase.', tag: 'question',
    });
});
