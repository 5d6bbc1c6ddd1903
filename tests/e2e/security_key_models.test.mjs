// Which models of security keys a role may add, in a real browser: its virtual authenticators are nobody's
// make that is trusted here, until FIDO's list names it.
import assert from 'node:assert/strict';
import {X509Certificate} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House, proofed} from './house.mjs';
import {addSecurityKey, openBrowser, openPage} from './browser.mjs';
import {MetadataLists, model} from './metadata_list.mjs';

let house, browser, people;

before(async () => {
    house = await House.open();
    people = await house.people();
    browser = await openBrowser({trusted: readFileSync(join(house.folder, 'site/tls/demo-cert.pem'))});
});

after(async () => {
    await browser?.close();
    await house?.close();
});

// Engineers' keys are to be vouched for by their makers: proposed by one, approved by another.
async function askForAttestation() {
    await house.stepUp(people.anna);
    const made = await people.anna.client.expect('POST', '/api/users', {
        login_name: 'sam', display_name: 'Sam', role: 'security_officer', ...proofed,
    });
    const sam = {name: 'sam', passphrase: 'lanterns swim above the reeds', client: house.client()};
    await sam.client.expect('POST', '/api/enrolment', {ticket: made.ticket.code});
    await house.enrol(sam);
    const policy = await sam.client.expect('GET', '/api/policy');
    policy.roles.find((role) => role.name === 'engineer').authenticator_models = {attestation: 'attested'};
    await house.stepUp(sam);
    const {version} = await sam.client.expect('POST', '/api/policy/proposals', {
        policy, rationale: 'engineers use the keys that the house bought',
    });
    await house.stepUp(people.paula);
    await people.paula.client.expect('POST', `/api/policy/proposals/${version}/approve`, {});
}

// Signed in by passphrase and code, on the security page, about to add a key.
async function atSecurityPage(person) {
    const page = await openPage(browser, {ignoreHTTPSErrors: false});
    const key = await addSecurityKey(page);
    await key.present(false);  // the sign-in page asks for a passkey by itself
    await page.goto(`${house.origin}/sign-in`);
    await page.fill('[name=login_name]', person.name);
    await page.fill('[name=passphrase]', person.passphrase);
    await page.click('form[action="/api/sign-in"] button');
    await page.waitForURL(/sign-in\/code/);
    await page.fill('[name=code]', await house.freshCode(person));
    await page.click('form[action="/api/sign-in/code"] button');
    await page.waitForURL(`${house.origin}/`);
    await page.goto(`${house.origin}/security`);
    await key.present(true);
    return page;
}

async function addKey(page) {
    const form = page.locator('form[data-key=registration]');
    await form.locator('[name=label]').fill('This computer');
    const options = page.waitForResponse(/webauthn\/options$/);
    await form.locator('button').click();
    return {form, attestation: (await (await options).json()).attestation};
}

const keysOf = async (person) => {
    const client = await house.signIn(person);
    const {authenticators} = await client.expect('GET', '/api/self/authenticators');
    return authenticators.filter((one) => one.kind === 'webauthn');
};

test('S1-21 (part): a key that nobody vouches for is refused where the role asks, and told what to do', async () => {
    await askForAttestation();
    const page = await atSecurityPage(people.erik);
    const {form, attestation} = await addKey(page);
    assert.equal(attestation, 'direct');
    await form.locator('[role=status]', {hasText: 'Take the security key that your hospital gave you'}).waitFor();
    assert.deepEqual(await keysOf(people.erik), []);
    await page.context().close();
});

test('S1-21 (part): the same key is added where the role does not ask, and its model is a claim', async () => {
    const page = await atSecurityPage(people.paula);
    const {attestation} = await addKey(page);
    assert.equal(attestation, 'none');
    await page.locator('td >> text=security key or passkey').waitFor();
    const [key, ...others] = await keysOf(people.paula);
    assert.equal(others.length, 0);
    assert.equal(key.model_attested, false);
    await page.context().close();
});

// Chromium's authenticator vouches for each key with a certificate that it makes on the spot, signed by
// itself. So the list that names it can be written only while the answer is on its way.
const attestingCertificate = (attestationObject) => {
    const bytes = Buffer.from(attestationObject, 'base64url');
    const begin = bytes.indexOf(Buffer.from([0x30, 0x82]));  // a SEQUENCE with two bytes of length
    return bytes.subarray(begin, begin + 4 + bytes.readUInt16BE(begin + 2));
};

test('S1-21 (part): a key is added where the role asks once FIDO\'s list names who vouches for its model, and no one else', async () => {
    const {erik} = people;
    const chromiums = '01020304-0506-0708-0102-030405060708';
    const lists = new MetadataLists(house);
    const page = await atSecurityPage(erik);
    let no = 0;
    let rootsFor;
    await page.route('**/api/self/authenticators/webauthn', async (route) => {
        const own = attestingCertificate(route.request().postDataJSON().attestation_object);
        const text = lists.signed({no: ++no, models: [model(chromiums, 'FIDO_CERTIFIED_L1', rootsFor(own))]});
        const done = await lists.imported(text, '--root', lists.root.certificate);
        assert.equal(done.code, 0, done.err);
        await route.continue();
    });

    rootsFor = () => [new X509Certificate(readFileSync(lists.root.certificate)).raw];
    const {form} = await addKey(page);
    await form.locator('[role=status]', {hasText: 'Take the security key that your hospital gave you'}).waitFor();
    assert.deepEqual(await keysOf(erik), []);

    rootsFor = (own) => [own];
    await addKey(page);
    await page.locator('td >> text=security key or passkey').waitFor();
    const [key, ...others] = await keysOf(erik);
    assert.equal(others.length, 0);
    assert.equal(key.model_attested, true);
    assert.equal(no, 2);
    await page.context().close();
});
