// The gates, knocked at over the network: who gets in, when it ends, what is on record.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {join} from 'node:path';
import {readFileSync} from 'node:fs';
import {House, build} from './house.mjs';

let house, people;

before(async () => {
    house = await House.open();
    people = await house.people();
    await house.registerPump(people.anna);
});

after(async () => { await house?.close(); });

// Waits for a state to come, asking again; real time is only the deadline.
async function within(seconds, ask) {
    const end = Date.now() + seconds * 1000;
    for (;;) {
        const answer = await ask();
        if (answer || Date.now() > end) return answer;
    }
}

test('S1-59: zero bytes reach the device before the second factor', async () => {
    const before = house.pumpBytes().length;
    const stranger = house.client();
    const answer = await stranger.request('GET', `${house.deviceOrigin}/`, {headers: {accept: 'text/html'}});
    assert.equal(answer.status, 303);
    assert.ok(answer.headers.location.startsWith(house.origin));
    const half = house.client();
    await half.expect('POST', '/api/sign-in', {login_name: 'erik', passphrase: people.erik.passphrase});
    await half.request('GET', `${house.deviceOrigin}/infusion`);
    await half.request('POST', `${house.deviceOrigin}/infusion`, {body: '{}'});
    assert.equal(house.pumpBytes().length, before, 'the pump received nothing');
});

test('L-02 (part): nobody gets to the pump without a grant, and nobody approves their own', async () => {
    const asked = await people.erik.client.expect('POST', '/api/grants', {
        device: 'pump-07', purpose: 'Quarterly check of the sensor', change_ticket: 'CHG-1',
        from: new Date().toISOString(), until: new Date(Date.now() + 3600_000).toISOString(),
    });
    await people.erik.client.expect('POST', '/api/notice', {});
    const before = house.pumpBytes().length;
    const refused = await people.erik.client.visit(`${house.deviceOrigin}/`);
    assert.equal(refused.status, 403);
    assert.equal(house.pumpBytes().length, before);
    for (const who of ['erik', 'anna', 'otto']) {
        const answer = await people[who].client.request('POST', `/api/grants/${asked.id}/approve`, {json: {}});
        assert.equal(answer.status, 403, `${who} could approve`);
    }
    await people.paula.client.expect('POST', `/api/grants/${asked.id}/approve`, {reason: 'Planned'});
    const let_in = await people.erik.client.visit(`${house.deviceOrigin}/`);
    assert.equal(let_in.status, 200);
});

test('S0-73: a token in a URL is refused, and dead afterwards', async () => {
    const victim = await house.signIn(people.erik);
    const token = victim.cookies.get('sallyport.localhost').get('__Host-sallyport');
    const answer = await people.otto.client.request('GET', `/api/session?token=${token}`);
    assert.equal(answer.status, 400);
    assert.equal((await victim.request('GET', '/api/session')).status, 401, 'the token is revoked');
    const {events} = await people.otto.client.expect('GET', '/api/audit?type=detect.alert');
    assert.ok(events.some((event) => event.reason === 'token_in_url'));
    const page = await house.client().request('GET', '/sign-in', {headers: {accept: 'text/html'}});
    assert.equal(page.headers['referrer-policy'], 'no-referrer');
    for (const cookie of page.headers['set-cookie']) {
        assert.match(cookie, /^__Host-/);
        assert.match(cookie, /Secure/);
        assert.match(cookie, /HttpOnly/);
        assert.match(cookie, /SameSite/);
    }
});

test('S2-10: firmware is refused unless the grant names it; what no rule allows is refused', async () => {
    const {client} = people.erik;
    const firmware = await client.request('POST', `${house.deviceOrigin}/firmware`, {
        body: 'image', headers: {origin: house.deviceOrigin},
    });
    assert.equal(firmware.status, 403);
    const odd = await client.request('DELETE', `${house.deviceOrigin}/infusion`, {headers: {origin: house.deviceOrigin}});
    assert.equal(odd.status, 403);
    assert.ok(!house.pumpBytes().includes('DELETE'), 'the device never saw it');
});

test('S2-25: the person\'s side never holds the credential, and theirs never reaches the device', async () => {
    const {client} = people.erik;
    const password = house.servicePassword();
    const forms = [password, encodeURIComponent(password)];
    for (const pad of ['', 'x', 'xx']) {
        forms.push(Buffer.from(`${pad}service:${password}`).toString('base64').slice(4, -4));
    }
    const answer = await client.request('GET', `${house.deviceOrigin}/debug`, {
        headers: {authorization: 'Basic ZXJpazptaW5l', 'x-forwarded-for': '1.2.3.4'},
    });
    assert.equal(answer.status, 200);
    const seen = JSON.stringify(answer.headers) + answer.body.toString();
    for (const form of forms) assert.ok(!seen.includes(form), `it shows ${form.length} characters of it`);
    const bytes = house.pumpBytes().toString('latin1');
    assert.ok(!bytes.includes('ZXJpazptaW5l'), 'the person\'s own Authorization was stripped');
    assert.ok(!bytes.includes('__Host-sallyport'), 'Sallyport\'s cookies were stripped');
});

test('S0-09 (part): sign-out kills cookie and visit within 5 s; the old cookie gets 401', async () => {
    const client = await house.signIn(people.erik);
    assert.equal((await client.visit(`${house.deviceOrigin}/`)).status, 200);
    const old = new Map(client.cookies.get('sallyport.localhost'));
    await client.expect('POST', '/api/session/end', {});
    const stale = house.client();
    stale.cookies.set('sallyport.localhost', old);
    assert.equal((await stale.request('GET', '/api/session')).status, 401);
    const cut = await within(5, async () => {
        const answer = await client.request('GET', `${house.deviceOrigin}/infusion`);
        return answer.status !== 200;
    });
    assert.ok(cut, 'the device host still answers');
});

test('whoever signs in on a browser that still holds a session ends that session', async () => {
    const client = await house.signIn(people.erik);
    const before = new Map(client.cookies.get('sallyport.localhost'));
    await house.signIn(people.otto, client);
    assert.equal((await client.expect('GET', '/api/session')).login_name, 'otto');
    const stale = house.client();
    stale.cookies.set('sallyport.localhost', before);
    assert.equal((await stale.request('GET', '/api/session')).status, 401, 'the one before is still signed in');
});

test('S2-21: the gateway\'s record alone answers who, when, what and outcome for each request', async () => {
    const {client} = people.erik;
    assert.equal((await client.visit(`${house.deviceOrigin}/infusion`)).status, 200);
    const {recordings} = await people.otto.client.expect('GET', '/api/recordings');
    const visits = recordings.filter((one) => one.login_name === 'erik' && one.device === 'pump-07');
    assert.ok(visits.length > 0, 'the visit is listed');
    const found = await within(10, async () => {
        for (const visit of visits) {
            const shown = await people.otto.client.expect('GET', `/api/recordings/${visit.id}`);
            const one = shown.exchanges_list.find((each) => each.target.endsWith('/infusion') && each.status === 200);
            if (one) return one;
        }
        return undefined;
    });
    assert.ok(found, 'the request with its answer is shown');
    assert.match(found.at, /^\d{4}-/);
});

test('S0-36 (part): an administrator\'s session is over after 15 minutes without a request', async () => {
    const anna = await house.signIn(people.anna);
    await house.advance(15 * 60 - 2);
    // Background polling would not keep it; a person's request does.
    assert.equal((await anna.request('GET', '/api/users')).status, 200);
    await house.advance(15 * 60);
    assert.equal((await anna.request('GET', '/api/users')).status, 401);
    const otto = await house.signIn(people.otto);
    const {events} = await otto.expect('GET', '/api/audit?type=session.expired_idle');
    assert.ok(events.length > 0);
    people.otto.client = otto;
});

test('S0-37: an old proof gets step_up_required, a fresh code lets the same request through', async () => {
    people.anna.client = await house.signIn(people.anna);
    await house.advance(5 * 60 + 1);
    const body = {login_name: 'nils', display_name: 'Nils', role: 'engineer'};
    const stale = await people.anna.client.request('POST', '/api/users', {json: body});
    assert.equal(stale.status, 401);
    assert.equal(stale.json.reason, 'step_up_required');
    await house.stepUp(people.anna);
    const fresh = await people.anna.client.request('POST', '/api/users', {json: body});
    assert.equal(fresh.status, 201);
});

test('the shipped binary has no clock that anybody could move', async () => {
    const shipped = readFileSync(join(build, 'src/apps/sallyport/sallyport'));
    assert.ok(!shipped.includes('TEST_CLOCK_SOCKET'));
});
