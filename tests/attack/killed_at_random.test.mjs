// kill -9 at random moments under load. After each restart the audit log verifies, every event that
// was acknowledged is there, and every byte that the pump received, with the injected value masked,
// is in a recording.
import assert from 'node:assert/strict';
import {randomInt} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House} from '../e2e/house.mjs';

const kills = Number(process.env.TEST_KILLS ?? 20);
let house, people;

before(async () => {
    house = await House.open();
    people = await house.people();
    await house.registerPump(people.anna);
    await house.grant(people, {minutes: 420});
    await people.erik.client.expect('POST', '/api/notice', {});
});

after(async () => { await house?.close(); });

test(`nothing acknowledged is lost in ${kills} kills under load`, {timeout: 1_200_000}, async () => {
    const acknowledged = [];  // change tickets of requests that were answered 201
    let number = 0;
    const fine = (error) => assert.match(String(error), /ECONN|socket|hang up|no answer|aborted|EPIPE/i);
    for (let round = 0; round < kills; ++round) {
        let running = true;
        const asking = (async () => {
            while (running) {
                const change_ticket = `KILL-${++number}`;
                const now = Date.now() + (house.offset ?? 0) * 1000;
                const answer = await people.erik.client.request('POST', '/api/grants', {json: {
                    device: 'pump-07', purpose: 'Load while being killed', change_ticket,
                    from: new Date(now).toISOString(), until: new Date(now + 60000).toISOString(),
                }});
                if (answer.status === 201) acknowledged.push(change_ticket);
                else if (answer.status === 429) return;
                else assert.fail(`${answer.status}: ${answer.body}`);
            }
        })().catch(fine);
        const visiting = (async () => {
            while (running) {
                const path = `/infusion?round=${round}&n=${++number}`;
                await people.erik.client.visit(`${house.deviceOrigin}${path}`);
            }
        })().catch(fine);
        // The moment is the dice's; what is waited for is only that moment.
        await new Promise((good) => setTimeout(good, randomInt(20, 400)));
        await house.stop('SIGKILL');
        running = false;
        await Promise.all([asking, visiting]);
        await house.start();
    }

    const {grants} = await people.erik.client.expect('GET', '/api/grants');
    const known = new Set(grants.map((grant) => grant.change_ticket));
    for (const ticket of acknowledged) assert.ok(known.has(ticket), `${ticket} was acknowledged and is gone`);
    assert.ok(acknowledged.length > 0, 'the load was real');

    await people.erik.client.expect('POST', '/api/session/end', {});
    const otto = await house.signIn(people.otto);
    const recordings = await house.until('every recording to be settled', async () => {
        const {recordings: all} = await otto.expect('GET', '/api/recordings');
        return all.some((one) => one.state === 'open') ? undefined : all;
    });
    let recorded = '';
    for (const one of recordings) {
        // A visit that was killed before its first frame was durable shows as missing, truthfully;
        // that nothing was forwarded for it is what the pump's own log says below.
        if (one.state === 'missing') continue;
        assert.notEqual(one.state, 'broken', one.id);
        const har = await otto.request('POST', `/api/recordings/${one.id}/export`, {json: {reason: 'After the kills'}});
        if (har.json?.reason === 'step_up_required') assert.fail('the proof is too old for this test');
        assert.equal(har.status, 200, har.body.toString().slice(0, 300));
        recorded += har.body.toString('latin1');
    }
    const received = [...house.pumpBytes().toString('latin1').matchAll(/GET (\/infusion\?round=\d+&n=\d+) HTTP/g)];
    assert.ok(received.length > 0, 'the pump was reached');
    for (const [, target] of received) {
        assert.ok(recorded.includes(target) || recorded.includes(target.replaceAll('&', '\\u0026')),
            `the pump received ${target}, which no recording holds`);
    }

    await house.stop();
    const verified = await house.sallyport(['audit', 'verify', '--config', join(house.folder, 'site/sallyport.toml')]);
    assert.equal(verified.code, 0, verified.out + verified.err);
    assert.ok(readFileSync(join(house.folder, 'site/data/log/checkpoint'), 'utf8').length > 0);
});
