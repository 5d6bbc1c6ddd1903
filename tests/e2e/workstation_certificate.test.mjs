// A workstation that is known by a certificate of its own, made, revoked and answered for by the
// openssl command while the server runs.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {openCardHouse, show as showAt} from './card_house.mjs';
import {openWard, workstationCookie} from './ward.mjs';

let cards, house, people, authority, machine;

before(async () => {
    cards = await openCardHouse(() => 'revocation = "ocsp"');
    ({house, authority} = cards);
    people = await house.people();
    await openWard(house, people);
    machine = await authority.card('pc-0042');
});

after(async () => {
    await authority?.stopResponder();
    await house?.close();
});

const show = (client, path, body) => showAt(cards, client, path, machine, body);

const stands = async (browser) => (await browser.request('GET', '/workstation')).body.includes('This is ward-3-a');

// The job runs by itself: what is waited for is its word in the log, the newest first.
async function judgedAgain(count) {
    await house.advance(15 * 60);
    const otto = await house.signIn(people.otto);
    return house.until(`${count} judgements`, async () => {
        const {events} = await otto.expect('GET', '/api/audit?type=workstation.certificate_judged');
        return events.length >= count && events.map((each) => each.reason);
    }, 30);
}

test('S1-79 (part): a workstation whose certificate is revoked is none any more, with nobody asking for it', async () => {
    const {client} = people.clark;
    await house.stepUp(people.clark);
    const made = await show(client, '/api/workstations/certificate', {name: 'ward-3-a', zone: 'ward-3'});
    assert.equal(made.status, 201, made.body);
    const browser = house.client();
    const known = await show(browser, '/api/workstation/recognise');
    assert.equal(known.status, 200, known.body);
    assert.ok(browser.cookies.get('sallyport.localhost').get(workstationCookie));
    assert.equal(await stands(browser), true);

    await authority.stopResponder();
    assert.deepEqual(await judgedAgain(1), ['certificate.ocsp_missing']);
    assert.equal(await stands(browser), true);  // for a day, on the word that there was
    await authority.startResponder();
    assert.equal((await judgedAgain(2))[0], 'ok');

    authority.revoke('pc-0042');
    await authority.restartResponder();
    assert.equal((await judgedAgain(3))[0], 'certificate.revoked');
    assert.equal(await stands(browser), false);
    assert.equal((await show(browser, '/api/workstation/recognise')).status, 403);
});
