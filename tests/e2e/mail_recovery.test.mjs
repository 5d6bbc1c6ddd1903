// A patient forgets her passphrase: on pages without scripts, with a code from her mail, and later with
// the authenticator app that she added.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {House, proofed} from './house.mjs';
import {follow, openBrowser} from './browser.mjs';
import {MailServer, opened} from './mail_server.mjs';

let house, mail, browser, people;
const petra = {name: 'petra', passphrase: 'seven white geese went north'};

before(async () => {
    mail = await MailServer.open();
    house = await House.open({configure: (text) => text + mail.configuration() + 'languages = ["de", "en"]\n'});
    people = await house.people();
    people.clark = {name: 'clark', passphrase: 'the lighthouse keeper sleeps', client: house.client()};
    const made = await people.anna.client.expect('POST', '/api/users', {
        login_name: 'clark', display_name: 'clark', role: 'clinical_administrator', ...proofed,
    });
    await people.clark.client.expect('POST', '/api/enrolment', {ticket: made.ticket.code});
    await house.enrol(people.clark);
    const patient = await people.clark.client.expect('POST', '/api/users', {
        login_name: 'petra', display_name: 'Petra', role: 'patient',
    });
    await people.clark.client.expect('POST', '/api/users/petra/mail', {mail_address: 'petra@example.org'});
    petra.client = house.client();
    await petra.client.expect('POST', '/api/enrolment', {ticket: patient.ticket.code});
    await petra.client.expect('POST', '/api/enrolment/passphrase', {passphrase: petra.passphrase});
    const done = await petra.client.expect('POST', '/api/enrolment/totp', {code: ''});
    petra.client.csrf = done.csrf;
    browser = await openBrowser();
});

after(async () => {
    await browser?.close();
    await house?.close();
    await mail?.close();
});

const click = (page, name) => follow(page, page.getByRole('button', {name, exact: true}));

async function pageWithoutScripts() {
    const context = await browser.newContext({ignoreHTTPSErrors: true, javaScriptEnabled: false});
    const page = await context.newPage();
    page.setDefaultTimeout(20000);
    return page;
}

const codes = () => mail.taken.map(({message}) => opened(message))
    .filter(({subject}) => subject === 'Ihr Wiederherstellungscode / Your recovery code')
    .map(({body}) => body.match(/^ {4}([0-9A-Z-]+)$/m)[1]);

async function forgets(page) {
    const had = codes().length;
    await page.goto(house.origin + '/sign-in');
    await page.getByRole('link', {name: 'Forgot your passphrase?'}).click();
    await page.fill('[name=login_name]', 'petra');
    await click(page, 'Continue');
    await page.waitForURL(house.origin + '/forgot/code');
    assert.match(await page.textContent('#asked'), /If that name can be recovered by mail/);
    await house.until('a code', () => codes().length > had, 30);
    return codes().at(-1);
}

async function chooses(page, passphrase) {
    await page.waitForURL(house.origin + '/passphrase');
    await page.fill('[name=passphrase]', passphrase);
    await page.fill('[name=repeated]', passphrase);
    await click(page, 'Set it');
    petra.passphrase = passphrase;
    assert.match(await page.textContent('#changed'), /Your new passphrase is set/);
}

test('S0-27: a patient recovers alone by mail: one code, no staff, all sessions end, and she is told', async () => {
    assert.equal((await petra.client.request('GET', '/api/session')).status, 200);
    const page = await pageWithoutScripts();
    const code = await forgets(page);
    await page.fill('[name=code]', code);
    await click(page, 'Continue');
    await chooses(page, 'a kettle sings in the attic');
    assert.equal((await petra.client.request('GET', '/api/session')).status, 401);
    await house.until('the notice', () => mail.taken.some(({to, message}) =>
        to[0] === 'petra@example.org'
        && /Ihr Konto wurde wiederhergestellt[^]*Your account was recovered/.test(opened(message).body)), 30);

    const again = await pageWithoutScripts();
    await again.goto(house.origin + '/forgot/code');
    await again.fill('[name=code]', code);
    await click(again, 'Continue');
    assert.match(await again.textContent('#problem'), /./);

    await page.getByRole('link', {name: 'Sign in with it'}).click();
    await page.fill('[name=login_name]', 'petra');
    await page.fill('[name=passphrase]', petra.passphrase);
    await click(page, 'Continue');
    await page.waitForURL(house.origin + '/');
    const {events} = await people.otto.client.expect('GET', '/api/audit?type=recovery.');
    assert.ok(!JSON.stringify(events).includes(code));
    assert.ok(!house.log.includes(code));
});

test('S0-51: her mail alone does not get past the authenticator app that she added', async () => {
    const client = house.client();
    const begun = await client.expect('POST', '/api/sign-in', {login_name: 'petra', passphrase: petra.passphrase});
    client.csrf = begun.csrf;
    const made = await client.expect('POST', '/api/self/authenticators/totp', {label: 'My phone'});
    petra.seed = made.totp.secret.replaceAll(' ', '');
    await client.expect('POST', `/api/self/authenticators/${made.id}/confirm`, {code: await house.freshCode(petra)});

    const thief = await pageWithoutScripts();
    await thief.fill('[name=code]', await forgets(thief));
    await click(thief, 'Continue');
    await thief.waitForURL(/\/sign-in\/code/);
    await thief.fill('[name=code]', '000000');
    await click(thief, 'Sign in');
    assert.match(await thief.textContent('#problem'), /did not match/);
    await thief.goto(house.origin + '/passphrase');
    await thief.fill('[name=passphrase]', 'mine now, all of it, forever');
    await thief.fill('[name=repeated]', 'mine now, all of it, forever');
    await click(thief, 'Set it');
    assert.equal(await thief.locator('#changed').count(), 0);

    const own = await pageWithoutScripts();
    const code = await forgets(own);
    await own.fill('[name=code]', code);
    await click(own, 'Continue');
    await own.waitForURL(/\/sign-in\/code/);
    await own.fill('[name=code]', await house.freshCode(petra));
    await click(own, 'Sign in');
    await chooses(own, 'copper wires hum all night');
    const anew = await house.signIn(petra);
    const {authenticators} = await anew.expect('GET', '/api/self/authenticators');
    assert.ok(authenticators.some(({kind, state}) => kind === 'totp' && state === 'active'));
});

test('asking answers the same in status, headers and body for names with and without a mail address', async () => {
    const answers = [];
    for (const name of ['petra', 'clark', 'erik', 'nobody.here', 'my passphrase by mistake']) {
        const {status, headers, body} = await house.client().request('POST', '/api/recovery/mail', {json: {login_name: name}});
        delete headers.date;
        answers.push(JSON.stringify({status, headers, body: String(body)}));
    }
    assert.equal(new Set(answers).size, 1);
    assert.match(answers[0], /"status":200/);
});
