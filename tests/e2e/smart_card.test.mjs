// Smart cards with strangers on all sides: certificates, list and responder of the openssl command,
// shown by curl, by openssl s_client, and by Chromium without scripts.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import dns from 'node:dns';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {openBrowser} from './browser.mjs';
import {CardAuthority} from './card_authority.mjs';
import {cardHost, curl as curlAt, openCardHouse, show as showAt} from './card_house.mjs';
import {tell} from './house.mjs';

let cards, house, people, authority, cardPort, card;

before(async () => {
    cards = await openCardHouse((issuer) => `crls = ["${issuer.list}"]
revocation = "crl_and_ocsp"
key_in_hardware = true
pin_asked = true`);
    ({house, authority, port: cardPort} = cards);
    people = await house.people();
    card = await authority.card('erik');
});

after(async () => {
    await authority?.stopResponder();
    await house?.close();
});

const curl = (url, shown) => curlAt(cards, url, shown);
const show = (...words) => showAt(cards, ...words);

async function failures() {
    const otto = await house.signIn(people.otto);
    return (await otto.expect('GET', '/api/audit?type=authn.failure')).events.map((each) => each.reason);
}

async function refused(shown) {
    await house.advance(61);  // what one source fails at again and again is gathered for a minute
    const answer = await show(house.client(), '/api/sign-in/card', shown);
    assert.equal(answer.status, 403);
    assert.equal(answer.json.reason, 'card.not_accepted');
    // The codes that an earlier test made up are told of in between.
    return (await failures()).find((reason) => reason !== 'card.code_unknown');
}

const signedIn = async (shown) => (await show(house.client(), '/api/sign-in/card', shown)).json.login_name;

test('a person adds their card by showing it once, and signs in with it alone', async () => {
    await house.stepUp(people.erik);
    const bound = await show(people.erik.client, '/api/self/authenticators/certificate', card, {label: 'My card'});
    assert.equal(bound.status, 201);
    assert.equal(bound.json.kind, 'certificate');
    const client = house.client();
    const done = await show(client, '/api/sign-in/card', card);
    assert.equal(done.status, 200);
    assert.equal(done.json.login_name, 'erik');
    assert.equal((await client.expect('GET', '/api/session')).factor, 'sc+pin');
});

test('S1-22 (part): the card host answers a code that is good, once, and nothing else', async () => {
    const {location} = await house.client().expect('POST', '/api/sign-in/card', {});
    for (const path of ['/', '/sign-in', '/api/session', '/card', `/card?code=${'A'.repeat(43)}`]) {
        assert.equal((await curl(`https://${cardHost}:${cardPort}${path}`, card)).status, 404, path);
    }
    assert.equal((await curl(location, card)).status, 303);
    assert.equal((await curl(location, card)).status, 404);
    const elsewhere = await curl(location.replace(`https://${cardHost}`, 'https://127.0.0.1'), card);
    assert.notEqual(elsewhere.status, 303);
});

test('S1-22 (part): no TLS session is taken up again, in 1.2 or in 1.3', async () => {
    const session = join(house.folder, 'session.pem');
    const client = (...more) => new Promise((good) => {
        const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${cardPort}`, '-servername', cardHost,
            '-CAfile', house.ca, '-cert', card.certificate, '-key', card.key, ...more], {stdio: ['pipe', 'pipe', 'pipe']});
        let out = '';
        child.stdout.on('data', (chunk) => { out += chunk; });
        child.on('close', () => good(out));
        tell(child, `GET /card HTTP/1.1\r\nHost: ${cardHost}:${cardPort}\r\nConnection: close\r\n\r\n`);
    });
    const again = await client('-tls1_2', '-reconnect');
    assert.match(again, /New, TLSv1\.2/);
    assert.doesNotMatch(again, /Reused,/);
    const first = await client('-tls1_3', '-ign_eof', '-sess_out', session);
    assert.match(first, /HTTP\/1\.1 404/);
    assert.doesNotMatch(first, /Post-Handshake New Session Ticket/);
    if (house.exists('session.pem')) {
        assert.doesNotMatch(await client('-tls1_3', '-ign_eof', '-sess_in', session), /Reused,/);
    }
});

test('the way back works in the browser that asked, once', async () => {
    const [client, thief] = [house.client(), house.client()];
    const {location} = await client.expect('POST', '/api/sign-in/card', {});
    await thief.expect('POST', '/api/sign-in/card', {});
    const back = (await curl(location, card)).location;
    assert.equal((await thief.request('GET', back)).status, 410);
    assert.equal((await client.request('GET', back)).status, 410);
    assert.equal((await failures()).filter((reason) => reason === 'card.other_browser').length, 1);
});

// A page of a browser that shows this certificate at the card host, and runs no scripts.
async function withCard(shown, walk) {
    // The browser's certificates come through this process, whose resolver does not know *.localhost.
    const {lookup} = dns.promises;
    dns.promises.lookup = (name, options) => lookup(name.endsWith('.localhost') ? 'localhost' : name, options);
    const browser = await openBrowser();
    try {
        const context = await browser.newContext({
            ignoreHTTPSErrors: true, javaScriptEnabled: false,
            clientCertificates: [{origin: `https://${cardHost}:${cardPort}`, certPath: shown.certificate, keyPath: shown.key}],
        });
        const page = await context.newPage();
        page.setDefaultTimeout(20000);
        await walk(page);
    } finally {
        dns.promises.lookup = lookup;
        await browser.close();
    }
}

async function passphrase(page, person) {
    await page.fill('[name=login_name]', person.name);
    await page.fill('[name=passphrase]', person.passphrase);
    await page.click('form[action="/api/sign-in"] button');
    await page.waitForURL(/sign-in\/code/);
}

async function cardAlone(page) {
    await page.goto(`${house.origin}/sign-in`);
    await page.click('text=Sign in with a smart card');
    await page.waitForURL(`${house.origin}/`);
}

test('in Chromium, without scripts: the card alone, and after a passphrase', async () => {
    await withCard(card, async (page) => {
        await cardAlone(page);
        await page.click('text=Sign out');
        await page.waitForURL(/sign-in/);
        await passphrase(page, people.erik);
        await page.click('text=Use a smart card');
        await page.waitForURL(`${house.origin}/`);
    });
    const otto = await house.signIn(people.otto);
    const {events} = await otto.expect('GET', '/api/audit?type=authn.success');
    const factors = events.filter((each) => each.who === 'erik').map((each) => each.factor);
    assert.deepEqual(factors.slice(0, 2), ['pwd+sc+pin', 'sc+pin']);
});

test('in Chromium, without scripts: a card is added by showing it, and signs in from then on', async () => {
    await withCard(await authority.card('spare'), async (page) => {
        await page.goto(`${house.origin}/sign-in`);
        await passphrase(page, people.erik);
        await page.fill('[name=code]', await house.freshCode(people.erik));
        await page.click('form[action="/api/sign-in/code"] button');
        await page.waitForURL(`${house.origin}/`);
        await page.goto(`${house.origin}/security`);
        const form = 'form[action="/api/self/authenticators/certificate"]';
        await page.fill(`${form} [name=label]`, 'Spare card');
        await page.click(`${form} button`);
        await page.waitForSelector('text=Spare card');
        assert.equal(new URL(page.url()).origin, house.origin);
        await page.click('text=Sign out');
        await page.waitForURL(/sign-in/);
        await cardAlone(page);
    });
});

const needsTheKey = async () => {
    const {location} = await house.client().expect('POST', '/api/sign-in/card', {});
    assert.notEqual((await curl(location)).exit, 0);
    const other = authority.issue('another');
    assert.notEqual((await curl(location, {certificate: card.certificate, key: other.key})).exit, 0);
    assert.equal((await curl(location, card)).status, 303);
};

const needsTheIssuer = async () => {
    const stranger = await CardAuthority.open(join(house.folder, 'strangers'));
    await stranger.stopResponder();
    assert.equal(await refused(stranger.issue('erik')), 'certificate.untrusted');
    assert.equal(await refused(await authority.card('nobody')), 'card.unknown');
    assert.equal(await refused(authority.issue('server', 'responder')), 'certificate.wrong_usage');
    const past = authority.issue('past', 'card', ['-startdate', '20200101000000Z', '-enddate', '20200201000000Z']);
    assert.equal(await refused(past), 'certificate.expired');
    const future = authority.issue('future', 'card', ['-startdate', '20400101000000Z', '-enddate', '20410201000000Z']);
    assert.equal(await refused(future), 'certificate.not_yet_valid');
};

const needsTheResponder = async () => {
    await authority.stopResponder();
    assert.equal(await refused(card), 'certificate.ocsp_missing');
    await authority.startResponder();
    assert.equal(await signedIn(card), 'erik');
};

const noticesRevocation = async () => {
    const lost = await authority.card('lost');
    await house.stepUp(people.paula);
    assert.equal((await show(people.paula.client, '/api/self/authenticators/certificate', lost, {label: 'Card'})).status, 201);
    assert.equal(await signedIn(lost), 'paula');
    authority.revoke('lost');
    await authority.restartResponder();
    assert.equal(await refused(lost), 'certificate.revoked');
    authority.publish();
    await authority.stopResponder();
    assert.equal(await refused(lost), 'certificate.revoked');
    await authority.startResponder();
    assert.equal(await signedIn(card), 'erik');
};

const isOnePersons = async () => {
    await house.stepUp(people.otto);
    const taken = await show(people.otto.client, '/api/self/authenticators/certificate', card, {label: 'Mine'});
    assert.equal(taken.status, 409);
    assert.equal(taken.json.reason, 'card.bound');
};

// Last: it lets the list grow old.
test('S1-22: chain, purpose, validity, revocation, one person and the key itself are verified', async () => {
    await needsTheKey();
    await needsTheIssuer();
    await needsTheResponder();
    await isOnePersons();
    await noticesRevocation();
    await house.advance(24 * 3600 + 60);
    await authority.stopResponder();  // its answers are of the machine's time
    assert.equal(await refused(card), 'certificate.crl_stale');
});
