// A clock that steps back and forth, and codes that were used before: no session outlives its limits,
// no code works twice, every event tells the clock's state, and the server goes on serving.
import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';
import {House, proofed} from '../e2e/house.mjs';

const hour = 3600;
let house, people, erik;

beforeEach(async () => {
    house = await House.open();
    people = await house.people();
    await house.registerPump(people.anna);
    await house.grant(people, {minutes: 420});
    erik = people.erik.client;
    await erik.expect('POST', '/api/notice', {});
    assert.equal((await pump('/infusion')).status, 200);
});

afterEach(async () => { await house?.close(); });

const pump = (path) => erik.visit(`${house.deviceOrigin}${path}`);

const ready = (status) => house.until(`/health/ready to be ${status}`, async () =>
    (await house.client().request('GET', '/health/ready')).status === status);

// A sign-in with a code of our choice.
async function tried(person, code) {
    const client = house.client();
    const begun = await client.request('POST', '/api/sign-in', {
        json: {login_name: person.name, passphrase: person.passphrase},
    });
    if (begun.status !== 200) return begun;
    return client.request('POST', '/api/sign-in/code', {json: {code}});
}

async function leafOf(type) {
    const {events} = await people.otto.client.expect('GET', `/api/audit?type=${type}`);
    assert.ok(events.length > 0, `no event ${type}`);
    const {leaf} = await people.otto.client.expect('GET', `/api/audit/${events[0].id}`);
    return typeof leaf === 'string' ? JSON.parse(leaf) : leaf;
}

test('L-09: a code that was used is refused from then on, also after a restart, a crash and a step of the clock', async () => {
    const code = await house.freshCode(people.erik);
    const first = await tried(people.erik, code);
    assert.equal(first.status, 200, first.body.toString());

    const refusals = [];
    refusals.push(await tried(people.erik, code));
    await house.restart();
    refusals.push(await tried(people.erik, code));
    await house.restart('SIGKILL');
    refusals.push(await tried(people.erik, code));
    await house.stepClock(-2);  // too little to be behind, and the code's window again
    await house.advance(2.1);   // the last refusal's time lies ahead until then
    refusals.push(await tried(people.erik, code));
    await house.stepClock(2);
    for (const answer of refusals) {
        assert.equal(answer.status, 401, answer.body.toString());
        assert.equal(answer.json.reason, 'authn.refused', 'the same words as for a wrong code');
        assert.equal(answer.headers['set-cookie']?.some((one) => /^__Host-sallyport=[^;]/.test(one)) ?? false, false);
    }
    people.otto.client = await house.signIn(people.otto);
    const {events} = await people.otto.client.expect('GET', '/api/audit?type=authn.replay_detected');
    assert.equal(events.length, refusals.length);
    for (const event of events) assert.equal(event.reason, 'totp.replayed');
    // The next code works: nobody was locked out by it.
    await house.signIn(people.erik);
});

test('L-09: the step-up takes no code twice either, across a restart', async () => {
    const code = await house.freshCode(people.anna);
    const {client} = people.anna;
    const done = await client.expect('POST', '/api/step-up', {code});
    client.csrf = done.csrf;
    await house.restart();
    const again = await client.request('POST', '/api/step-up', {json: {code}});
    assert.equal(again.status, 401);
    assert.equal(again.json.reason, 'step_up.refused');
});

test('a clock that is set back starts nothing new, ends nothing that runs, and lengthens no session', async () => {
    const used = await house.freshCode(people.erik);
    assert.equal((await tried(people.erik, used)).status, 200);
    people.anna.client = await house.signIn(people.anna);
    people.otto.client = await house.signIn(people.otto);
    const leaving = await house.signIn(people.paula);
    await people.anna.client.expect('GET', '/api/users');
    await house.stepClock(-hour);
    await ready(503);

    // Nothing new: no sign-in (nor with a code of an hour ago), no grant.
    const refused = await tried(people.erik, house.code({...people.erik, step: 0}));
    assert.equal(refused.status, 403, refused.body.toString());
    assert.equal(refused.json.reason, 'clock.behind');
    assert.match(refused.json.detail, /corrected the clock/);
    const now = Date.now() + house.offset * 1000;
    const asked = await erik.request('POST', '/api/grants', {json: {
        device: 'pump-07', purpose: 'Asked by a clock that is wrong', change_ticket: 'CLOCK-1',
        from: new Date(now).toISOString(), until: new Date(now + 60000).toISOString(),
    }});
    assert.equal(asked.status, 403);
    assert.equal(asked.json.reason, 'clock.behind');

    // What runs goes on; looking and leaving stay possible.
    assert.equal((await pump('/infusion?behind')).status, 200);
    assert.equal((await people.anna.client.request('GET', '/api/users')).status, 200);
    assert.equal((await leaving.request('POST', '/api/session/end', {json: {}})).status, 200);
    assert.equal((await leaving.request('GET', '/api/session')).status, 401);

    // Every event tells the clock's state, and that it was set is one.
    const skew = await leafOf('time.skew');
    assert.ok(Math.abs(Number(skew.fields.offset_ms) + hour * 1000) < 2000, JSON.stringify(skew));
    assert.match(JSON.stringify(await leafOf('session.terminated')), /"behind"/);

    // An administrator's 15 minutes without a request are 15 minutes, whatever the clock says.
    await house.advance(15 * 60 - 30);
    assert.equal((await people.otto.client.request('GET', '/api/audit')).status, 200);
    await house.advance(31);
    assert.equal((await people.anna.client.request('GET', '/api/users')).status, 401, 'it outlived its limit');

    // Right again: new sign-ins, and the code from before still does not work.
    await house.stepClock(hour);
    await ready(200);
    await house.signIn(people.erik);
    assert.equal((await tried(people.erik, used)).status, 401);
});

test('a clock that was set back while the server was down is noticed at the start', async () => {
    await house.advance(20);
    await house.until('the time to be stored', async () => {
        await house.advance(1);
        return (await house.sallyport(['audit', 'verify', '--config', house.config])).code === 0;
    });
    const kept = house.offset;
    await house.stop();
    house.offset = 0;
    await house.start();  // its clock is the machine's again: behind by what was advanced
    await house.stepClock(kept - 2 * hour);
    await ready(503);
    const refused = await tried(people.erik, '123456');
    assert.equal(refused.json.reason, 'clock.behind');
    await house.restart();  // two hours behind
    await house.stepClock(2 * hour);
    await ready(200);
    await house.signIn(people.erik);

    // By the first event already: nobody could come in before the first look at the clock.
    people.otto.client = await house.signIn(people.otto);
    assert.match(JSON.stringify(await leafOf('sys.start')), /"behind"/);
});

test('a clock that jumps ahead ends what its time is over for, and coming back it starts nothing old', async () => {
    people.otto.client = await house.signIn(people.otto);
    await house.stepClock(24 * hour);
    await house.until('the sessions to be over', async () =>
        (await people.otto.client.request('GET', '/api/session')).status === 401);
    const answer = await erik.request('GET', `${house.deviceOrigin}/infusion`);
    assert.notEqual(answer.status, 200, 'the grant is over by that clock');
    people.otto.client = await house.signIn(people.otto);
    await house.until('the step to be on record', async () =>
        (await people.otto.client.expect('GET', '/api/audit?type=time.skew')).events.length > 0);
    assert.ok(Math.abs(Number((await leafOf('time.skew')).fields.offset_ms) - 24 * hour * 1000) < 2000);

    await house.stepClock(-24 * hour);
    await ready(503);
    assert.notEqual((await erik.request('GET', `${house.deviceOrigin}/infusion`)).status, 200, 'nothing came back to life');
    assert.equal((await erik.request('GET', '/api/session')).status, 401);
    const refused = await tried(people.erik, house.code({...people.erik, step: 0}));
    assert.equal(refused.json.reason, 'clock.behind');
    assert.equal((await house.client().request('GET', '/health/live')).status, 200);
    // Once the clock has caught up, it goes on by itself.
    await house.advance(24 * hour + 10);
    await ready(200);
    await house.signIn(people.erik);
    await house.stop();
    const verified = await house.sallyport(['audit', 'verify', '--config', house.config]);
    assert.equal(verified.code, 0, verified.out + verified.err);
});

// Within the year for which a demonstration's policy accepts codes.
test('a clock that was ten months ahead for a while costs a restart, not ten months', async () => {
    const far = 300 * 24 * hour;
    await house.stepClock(far);
    people.anna.client = await house.signIn(people.anna);
    const made = await people.anna.client.expect('POST', '/api/users', {
        login_name: 'nina.new', display_name: 'Nina New', role: 'engineer', ...proofed,
    });
    people.otto.client = await house.signIn(people.otto);
    await house.until('the jump to be noticed', async () =>
        (await people.otto.client.expect('GET', '/api/audit?type=time.skew')).events.length > 0);
    await house.stepClock(-far);
    await ready(503);
    const accept = ['clock', 'accept', '--config', house.config, '--reason', 'the time server sent 2036'];
    const early = await house.sallyport(accept);
    assert.notEqual(early.code, 0, 'not while the server runs');
    assert.match(early.err, /in use by another sallyport/);
    await house.restart();
    await ready(503);
    await house.stop();

    const accepted = await house.sallyport(accept);
    assert.equal(accepted.code, 0, accepted.out + accepted.err);
    const again = await house.sallyport(accept);
    assert.notEqual(again.code, 0, 'there is nothing more to accept');
    assert.match(again.err, /not behind/);
    house.offset = 0;
    await house.start();
    await ready(200);

    const gone = await erik.request('GET', '/api/session');
    assert.equal(gone.status, 401, 'everybody was signed out');
    const late = await house.client().request('POST', '/api/enrolment', {json: {ticket: made.ticket.code}});
    assert.notEqual(late.status, 200, 'a ticket of that time');
    for (const person of Object.values(people)) person.step = Math.floor(Date.now() / 30_000) + 1;
    people.otto.client = await house.signIn(people.otto);
    assert.match(JSON.stringify(await leafOf('time.skew')), /the time server sent 2036/);
    const {events} = await people.otto.client.expect('GET', '/api/audit?type=time.skew');
    const told = JSON.stringify(await people.otto.client.expect('GET', `/api/audit/${events[0].id}`));
    assert.ok(told.includes(`uid=${process.getuid()}`), told);
    await house.signIn(people.erik);
    await house.stop();
    const verified = await house.sallyport(['audit', 'verify', '--config', house.config]);
    assert.equal(verified.code, 0, verified.out + verified.err);
});
