// A thief with curl, and with everything that a session's traffic shows: its cookies, its CSRF token,
// proofs that were good. No device opens.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {after, before, test} from 'node:test';
import {House} from '../e2e/house.mjs';
import {SenderKey} from '../e2e/sender_key.mjs';

let house, people, erik, query;

before(async () => {
    house = await House.open();
    people = await house.people();
    await house.registerPump(people.anna);
    await house.grant(people);
    erik = people.erik.client;
    await erik.expect('POST', '/api/notice', {});
    const asked = await erik.request('GET', `${house.deviceOrigin}/infusion`, {headers: {accept: 'text/html'}});
    query = new URL(asked.headers.location).search;
});

after(async () => { await house?.close(); });

const cookies = (client, host) => [...client.cookies.get(host)].map((pair) => pair.join('=')).join('; ');

// As JSON, what curl gets with the session's cookie and token.
function curl(path, body) {
    const out = execFileSync('curl', [
        '-sS', '--cacert', house.ca, '--max-time', '20', '--resolve', `sallyport.localhost:${house.port}:127.0.0.1`,
        '-b', cookies(erik, 'sallyport.localhost'), '-H', 'accept: application/json', '-w', '\n%{http_code}',
        ...body === undefined ? [] : [
            '-H', `origin: ${house.origin}`, '-H', 'content-type: application/json',
            '-H', `x-sallyport-csrf: ${erik.csrf}`, '-d', JSON.stringify(body),
        ],
        `${house.origin}${path}`,
    ]).toString();
    const at = out.lastIndexOf('\n');
    return {status: Number(out.slice(at + 1)), json: JSON.parse(out.slice(0, at))};
}

const offered = () => curl(`/handoff${query}`).json;
const shown = (proof, to = query) => {
    const {status, json} = curl(`/api/handoff${to}`, proof);
    assert.notEqual(status, 200, JSON.stringify(json));
    assert.equal(json.address, undefined);
    return json.reason;
};

test('S2-23 (part): with the cookie and any key of one\'s own, no handoff is issued', () => {
    const own = new SenderKey();
    const before = house.pumpBytes().length;
    assert.equal(curl('/api/session').json.login_name, 'erik', 'the cookie is good');
    const {challenge} = offered();
    assert.equal(shown({}), 'handoff.proof_malformed');
    assert.equal(shown({challenge, signature: 'A'.repeat(86)}), 'handoff.signature');
    const fresh = offered();
    assert.equal(shown({challenge: fresh.challenge, signature: own.handOff(fresh, house.origin)}), 'handoff.signature');
    assert.equal(shown({challenge: 'A'.repeat(64), signature: 'A'.repeat(86)}), 'handoff.challenge');
    // A key sent along with anything else is not taken.
    const again = offered();
    assert.equal(
        shown({challenge: again.challenge, signature: own.handOff(again, house.origin), sender_key: own.publicText}),
        'handoff.signature');
    assert.equal(curl('/api/notice', {sender_key: own.publicText}).status, 200);
    const last = offered();
    assert.equal(shown({challenge: last.challenge, signature: own.handOff(last, house.origin)}), 'handoff.signature');
    assert.equal(house.pumpBytes().length, before);
});

test('S2-23 (part): a proof that was good is worth nothing again, or for another device or browser', async () => {
    const mine = offered();
    const proof = {challenge: mine.challenge, signature: erik.senderKey.handOff(mine, house.origin)};
    const used = await erik.request('POST', `/api/handoff${query}`, {json: proof});
    assert.equal(used.status, 200, used.body.toString());
    assert.equal(shown(proof), 'handoff.challenge');

    const other = offered();
    const good = {challenge: other.challenge, signature: erik.senderKey.handOff(other, house.origin)};
    const nonce = new URLSearchParams(query).get('nonce');
    const moved = `?host=pump-07.gate.localhost&nonce=${nonce.slice(0, -2)}${nonce.at(-2) === 'A' ? 'E' : 'A'}${nonce.at(-1)}`;
    assert.equal(shown(good, moved), 'handoff.challenge');
    // The code of the one that was issued is for the browser with the nonce.
    const before = house.pumpBytes().length;
    const stolen = await house.client().request('GET', used.json.address, {headers: {accept: 'text/html'}});
    assert.equal(stolen.status, 400);
    assert.equal(house.pumpBytes().length, before);
});

test('every proof that was wrong is on record with the session\'s person and where it came from', async () => {
    const otto = await house.signIn(people.otto);
    const {events} = await otto.expect('GET', '/api/audit?type=handoff.refused&count=50');
    assert.ok(events.length >= 6, String(events.length));
    assert.ok(events.every(({who, outcome}) => who === 'erik' && outcome === 'refused'), JSON.stringify(events[0]));
});
