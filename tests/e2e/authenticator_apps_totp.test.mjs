// Authenticator apps as strangers: zbarimg reads the QR off the picture that Chromium draws, oathtool
// makes the codes of what it said. And what the configuration says of them is what the server does.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House, proofed} from './house.mjs';
import {openBrowser, openPage} from './browser.mjs';
import {changeSettings} from './site.mjs';

const passphrase = 'the owl counts its feathers';
let house, browser, people;

before(async () => {
    house = await House.open();
    people = await house.people();
    browser = await openBrowser();
});

after(async () => {
    await browser?.close();
    await house?.close();
});

const now = () => Math.floor(Date.now() / 1000 + (house.offset ?? 0));

// To just after the beginning of a step that no code was shown of.
async function freshStep(period = 30) { await house.advance(2 * period - now() % period + 1); }

// What an app knows once it has read this (the Key URI format's usual values, where it says none).
function appOf(text) {
    const uri = new URL(text);
    assert.equal(uri.protocol, 'otpauth:');
    assert.equal(uri.host, 'totp');
    const said = (name, usual) => uri.searchParams.get(name) ?? usual;
    return {
        label: decodeURIComponent(uri.pathname.slice(1)), secret: said('secret'), issuer: said('issuer'),
        algorithm: said('algorithm', 'SHA1'), digits: said('digits', '6'), period: Number(said('period', '30')),
    };
}

function codeOf(app, {steps = 0, algorithm = app.algorithm} = {}) {
    return execFileSync('oathtool', [
        `--totp=${algorithm.toLowerCase()}`, `--digits=${app.digits}`, `--time-step-size=${app.period}s`,
        '--now', `@${now() + steps * app.period}`, '-b', app.secret,
    ]).toString().trim();
}

async function ticketFor(name) {
    await house.stepUp(people.anna);
    const made = await people.anna.client.expect('POST', '/api/users', {
        login_name: name, display_name: name, role: 'engineer', ...proofed,
    });
    return made.ticket.code;
}

// Enrolment in Chromium, up to the QR: the page, and the app that read it.
async function shownApp(name) {
    const page = await openPage(browser);
    const ticket = await ticketFor(name);
    await page.goto(`${house.origin}/enrol`);
    await page.fill('[name=ticket]', ticket);
    await page.click('main button');
    await page.fill('[name=passphrase]', passphrase);
    await page.fill('[name=repeated]', passphrase);
    await page.click('main button');
    const picture = join(house.folder, `${name}.png`);
    await page.locator('.qr').screenshot({path: picture});
    const read = execFileSync('zbarimg', ['--quiet', '--raw', picture]).toString().trim();
    return {page, app: appOf(read)};
}

async function finish(page, code) {
    await page.fill('[name=code]', code);
    await page.click('form[action="/api/enrolment/totp"] button');
}

// The status of a sign-in with this code as second factor.
async function signIn(name, code, words = passphrase) {
    const client = house.client();
    await client.expect('POST', '/api/sign-in', {login_name: name, passphrase: words});
    return (await client.request('POST', '/api/sign-in/code', {json: {code}})).status;
}

const nora = {};

test('a stranger reads the QR of enrolment, and what it says enrols and signs in', async () => {
    const {page, app} = await shownApp('nora');
    assert.match(app.label, /^Sallyport:nora$/);
    assert.equal(app.issuer, 'Sallyport');
    assert.deepEqual([app.algorithm, app.digits, app.period], ['SHA1', '6', 30]);
    assert.equal((await page.innerText('#seed')).replaceAll(' ', ''), app.secret, 'the same as text');
    await finish(page, codeOf(app));
    await page.getByText('Keep these recovery codes apart from your phone').waitFor();
    await page.context().close();
    await freshStep();
    assert.equal(await signIn('nora', codeOf(app, {steps: -1})), 200, 'a clock that is slow by a step, under window = 1');
    nora.app = app;
});

test('window = 0 and SHA512 are what the server does; apps shown before work on as they were shown', async () => {
    // Shown under SHA1, not finished.
    const petra = {name: 'petra', passphrase, client: house.client()};
    await petra.client.expect('POST', '/api/enrolment', {ticket: await ticketFor('petra')});
    const shown = await petra.client.expect('POST', '/api/enrolment/passphrase', {passphrase});
    petra.app = appOf(shown.totp.uri);
    assert.equal(petra.app.algorithm, 'SHA1');

    changeSettings(house, (text) => `${text}\n[totp]\nwindow = 0\nalgorithm = "SHA512"\n`);
    await house.restart();
    await freshStep();
    await petra.client.expect('POST', '/api/enrolment/totp', {code: codeOf(petra.app)});

    const {page, app} = await shownApp('nina');
    assert.deepEqual([app.algorithm, app.digits, app.period], ['SHA512', '6', 30]);
    await finish(page, codeOf(app, {algorithm: 'sha1'}));
    await page.getByText('That code did not match.').waitFor();
    await finish(page, codeOf(app));
    await page.getByText('Keep these recovery codes apart from your phone').waitFor();
    await page.context().close();

    for (const [name, bound] of [['nora', nora.app], ['petra', petra.app], ['nina', app]]) {
        await freshStep();
        assert.equal(await signIn(name, codeOf(bound, {steps: -1})), 401, `${name}: a step too old`);
        assert.equal(await signIn(name, codeOf(bound, {steps: 1})), 401, `${name}: a step too early`);
        assert.equal(await signIn(name, codeOf(bound)), 200, `${name}: ${bound.algorithm}`);
    }
});
