// A workstation that is known by a certificate of its own, made, revoked and answered for by the
// openssl command while the server runs.
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {CardAuthority} from './card_authority.mjs';
import {House} from './house.mjs';
import {issueCertificate, realSite} from './site.mjs';
import {openWard, workstationCookie} from './ward.mjs';
import {freePort} from '../support/free_port.mjs';

const cardHost = 'card.localhost';
let house, people, authority, cardPort, machine;

before(async () => {
    cardPort = await freePort();
    house = await House.open({
        prepare: async (made) => {
            await realSite({demo: true})(made);
            issueCertificate(join(made.folder, 'site/tls'), 'card.localhost', [cardHost]);
            authority = await CardAuthority.open(join(made.folder, 'cards'));
        },
        configure: (text) => `${text}
[card]
listen = "127.0.0.1:${cardPort}"
host = "${cardHost}"
certificate = "tls/card.localhost.pem"
key = "tls/card.localhost.key"
anchors = "${authority.anchors}"
revocation = "ocsp"
`,
    });
    people = await house.people();
    await openWard(house, people);
    machine = await authority.card('pc-0042');
});

after(async () => {
    await authority?.stopResponder();
    await house?.close();
});

// From the sign-in host over the card host and back, as the machine's browser goes; the answer there.
async function show(client, path, body = {}) {
    const {location} = await client.expect('POST', path, body);
    const words = ['--silent', '--cacert', house.ca, '--resolve', `${cardHost}:${cardPort}:127.0.0.1`, '--output', '/dev/null',
        '--write-out', '%{redirect_url}', '--cert', machine.certificate, '--key', machine.key, location];
    const back = await new Promise((good) => { execFile('curl', words, (error, out) => good(out)); });
    assert.ok(back, 'the card host sends back');
    return client.request('GET', back);
}

const stands = async (browser) => (await browser.request('GET', '/workstation')).body.includes('This is ward-3-a');

async function judgements() {
    const otto = await house.signIn(people.otto);
    const {events} = await otto.expect('GET', '/api/audit?type=workstation.certificate_judged');
    return events.map((each) => each.reason);
}

// The job runs by itself: what is waited for is its word in the log.
async function judgedAgain(count) {
    await house.advance(15 * 60);
    const limit = Date.now() + 30000;
    for (;;) {
        const reasons = await judgements();
        if (reasons.length >= count) return reasons;
        assert.ok(Date.now() < limit, `judged ${reasons.length} times`);
        await new Promise((good) => { setTimeout(good, 200); });
    }
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
