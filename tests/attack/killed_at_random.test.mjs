// kill -9 at random moments under load. After each restart the audit log verifies and every change
// that was acknowledged is there together with its event; and in the end every byte that the pump
// received, with the injected value masked, stands in a recording in the order that it came.
import assert from 'node:assert/strict';
import {randomInt} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House} from '../e2e/house.mjs';

const kills = Number(process.env.TEST_KILLS ?? 20);
const requestLife = 500;  // ms; less than a round with its restart takes
let house, people;

before(async () => {
    house = await House.open();
    people = await house.people();
    await house.registerPump(people.anna);
    await house.grant(people, {minutes: 420});
    await people.erik.client.expect('POST', '/api/notice', {});
});

after(async () => { await house?.close(); });

// What the pump received on each of its connections, from its byte log
// ("<time> <listener> <connection> <size>\n<bytes>\n" a piece).
function receivedByConnection(log) {
    const connections = new Map();
    for (let at = 0; at < log.length;) {
        const end = log.indexOf('\n', at);
        const [, listener, connection, size] = log.subarray(at, end).toString().split(' ');
        const bytes = log.subarray(end + 1, end + 1 + Number(size));
        const key = `${listener} ${connection}`;
        connections.set(key, (connections.get(key) ?? '') + bytes.toString('latin1'));
        at = end + 1 + Number(size) + 1;
    }
    return [...connections.values()];
}

// A recorded request as it was on the wire.
function wireOf({method, url, httpVersion, headers, postData}) {
    const target = url.slice(new URL(url).origin.length);
    const fields = headers.map(({name, value}) => `${name}: ${value}\r\n`).join('');
    return `${method} ${target} ${httpVersion}\r\n${fields}\r\n${postData?.text ?? ''}`;
}

async function auditVerifies() {
    const verified = await house.sallyport(['audit', 'verify', '--config', house.config]);
    assert.equal(verified.code, 0, verified.out + verified.err);
}

// Everything that `path` lists under `member`, page by page.
async function all(client, path, member, filter = '') {
    const rows = [];
    for (let after = ''; ;) {
        const page = await client.expect('GET', `${path}?count=1000${filter}${after}`);
        rows.push(...page[member]);
        if (!page.next) return rows;
        assert.notEqual(after, `&after=${page.next}`, 'the list goes on');
        after = `&after=${page.next}`;
    }
}

const pause = (ms) => new Promise((good) => setTimeout(good, ms));

test(`nothing acknowledged is lost in ${kills} kills under load`, {timeout: 1_200_000}, async () => {
    const acknowledged = new Map();  // grant → change ticket, of requests that were answered 201
    const acknowledgedIn = new Set();  // rounds
    let number = 0;
    let served = 0;
    const fine = (error) => assert.match(String(error), /ECONN|socket|hang up|no answer|aborted|EPIPE/i);
    const {client} = people.erik;
    for (let round = 0; round < kills; ++round) {
        let running = true;
        const asking = (async () => {
            while (running) {
                const change_ticket = `KILL-${++number}`;
                const now = Date.now() + (house.offset ?? 0) * 1000;
                // Over before the next round, or the 50 that one person may have undecided would be taken.
                const answer = await client.request('POST', '/api/grants', {json: {
                    device: 'pump-07', purpose: 'Load while being killed', change_ticket,
                    from: new Date(now).toISOString(), until: new Date(now + requestLife).toISOString(),
                }});
                if (answer.status === 201) {
                    acknowledged.set(answer.json.id, change_ticket);
                    acknowledgedIn.add(round);
                } else {
                    // Too many at once, or over when it came: the next one is another matter.
                    assert.ok(['grant.too_many_open', 'grant.window'].includes(answer.json?.reason),
                        `${answer.status}: ${answer.body}`);
                    await pause(20);
                }
            }
        })().catch(fine);
        const visiting = (async () => {
            while (running) {
                const target = `${house.deviceOrigin}/infusion?round=${round}&n=${++number}`;
                const seen = await client.visit(target);
                if (seen.status === 200) ++served;
                // A command too, whose body has to be recorded as well.
                await client.request('POST', target, {
                    body: `rate_ml_h=${number % 90}&note=${number}`,
                    headers: {origin: house.deviceOrigin, 'content-type': 'application/x-www-form-urlencoded'},
                });
            }
        })().catch(fine);
        // The moment is the dice's; what is waited for is only that moment.
        await pause(randomInt(20, 400));
        await house.stop('SIGKILL');
        running = false;
        await Promise.all([asking, visiting]);
        await house.start();
        await auditVerifies();
    }
    assert.ok(served > 0, 'the load was real');
    assert.ok(acknowledgedIn.size > kills / 2,
        `only ${acknowledgedIn.size} of ${kills} rounds acknowledged anything, ${acknowledged.size} requests in all`);

    const grants = await all(client, '/api/grants', 'grants');
    const known = new Map(grants.map((grant) => [grant.id, grant.change_ticket]));
    await client.expect('POST', '/api/session/end', {});
    const otto = await house.signIn(people.otto);
    const told = new Set();
    for (const event of await all(otto, '/api/audit', 'events', '&type=grant.requested')) {
        told.add(event.object.replace(/^grant:/, ''));
    }
    for (const [grant, ticket] of acknowledged) {
        assert.equal(known.get(grant), ticket, `${ticket} was acknowledged and is gone`);
        assert.ok(told.has(grant), `the event of ${ticket} is gone`);
    }

    const recordings = await house.until('every recording to be settled', async () => {
        const listed = await all(otto, '/api/recordings', 'recordings');
        return listed.some((one) => one.state === 'open') ? undefined : listed;
    });
    const recorded = new Map();  // by its first line, which has a number of its own
    for (const one of recordings) {
        // A visit that was killed before its first frame was durable shows as missing, truthfully;
        // that nothing was forwarded for it is what the pump's own log says below.
        if (one.state === 'missing') continue;
        assert.notEqual(one.state, 'broken', one.id);
        const har = await otto.request('POST', `/api/recordings/${one.id}/export`, {json: {reason: 'After the kills'}});
        if (har.json?.reason === 'step_up_required') assert.fail('the proof is too old for this test');
        assert.equal(har.status, 200, har.body.toString().slice(0, 300));
        for (const {request} of har.json.log.entries) {
            const wire = wireOf(request);
            recorded.set(wire.slice(0, wire.indexOf('\r\n')), wire);
        }
    }

    const token = Buffer.from(`service:${house.servicePassword()}`).toString('base64');
    const connections = receivedByConnection(house.pumpBytes());
    let compared = 0;
    let commands = 0;
    for (const connection of connections) {
        for (let rest = connection.replaceAll(token, '*'.repeat(token.length)); rest.length > 0;) {
            const line = rest.slice(0, rest.indexOf('\r\n'));
            const wire = recorded.get(line);
            assert.ok(wire, `the pump received ${line}, which no recording holds`);
            // The last one of a connection may have been cut by the kill.
            const same = rest.slice(0, wire.length);
            assert.ok(wire.startsWith(same), `recorded:\n${wire}\nreceived:\n${same}`);
            rest = rest.slice(same.length);
            ++compared;
            if (same.startsWith('POST ') && same.includes('rate_ml_h=')) ++commands;
        }
    }
    assert.ok(compared >= served && commands > 0, `the pump was reached ${compared} times, ${commands} of them commands`);

    await house.stop();
    await auditVerifies();
    assert.ok(readFileSync(join(house.folder, 'site/data/log/checkpoint'), 'utf8').length > 0);
});
