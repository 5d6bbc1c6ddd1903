// What a nurse waits for, of the whole server over TLS at the password cost that it chose for this
// machine. bench/ward measures it under load; here one at a time, held to the required numbers.
import assert from 'node:assert/strict';
import https from 'node:https';
import {after, before, test} from 'node:test';
import {House, build} from './house.mjs';
import {badgePin, openWard, pinPage, registerReader, registerWorkstation, tap, typePin, workstationCookie} from './ward.mjs';
import {quantile} from '../../bench/tools.mjs';

const unlockMillis = 300;
const signInMillis = 1000;
const rounds = 40;
const instrumented = /\/[at]san$/.test(build) && 'an instrumented build is slower than what people use';
let house, people, desk;

function connected() {
    const client = house.client();
    client.agent = new https.Agent({keepAlive: true, maxSockets: 1});
    return client;
}

before(async () => {
    house = await House.open();
    people = await house.people();
    const ward = await openWard(house, people);
    const workstation = await registerWorkstation(ward);
    const reader = connected();
    const token = await registerReader(ward, workstation, reader);
    const browser = connected();
    browser.cookies.set('sallyport.localhost', new Map([[workstationCookie, workstation.cookie]]));
    desk = {browser, reader, token, card: '04a1b2c3d4e5f6'};
    await house.signIn(people.nora, browser);
    await tap(desk, 'unknown');
    const {tap: id} = await browser.expect('GET', '/security/badge');
    await browser.expect('POST', '/api/self/authenticators/badge', {tap: id, label: 'My badge', pin: badgePin});
});

after(() => house?.close());

test('S1-16: of 40 unlocks by badge and PIN 95 in 100 take at most 300 ms, of 40 sign-ins with two factors at most 1 s', {
    skip: instrumented,
}, async () => {
    const unlocks = [];
    for (let i = 0; i < rounds; ++i) {
        await tap(desk, 'locked');
        const begun = performance.now();
        await tap(desk, 'asks_for_pin');
        await typePin(desk, await pinPage(desk));
        unlocks.push(performance.now() - begun);
    }
    const signIns = [];
    const {nora} = people;
    for (let i = 0; i < rounds; ++i) {
        const client = connected();
        await client.request('GET', '/sign-in', {headers: {accept: 'text/html'}});
        let begun = performance.now();
        await client.expect('POST', '/api/sign-in', {login_name: nora.name, passphrase: nora.passphrase});
        const first = performance.now() - begun;
        const code = await house.freshCode(nora);  // the human's time
        begun = performance.now();
        await client.expect('POST', '/api/sign-in/code', {code});
        signIns.push(first + performance.now() - begun);
    }
    const [unlock, signIn] = [unlocks, signIns].map((times) => quantile(times, 0.95));
    assert.ok(unlock <= unlockMillis, `95 in 100 unlocks within ${unlock.toFixed(0)} ms`);
    assert.ok(signIn <= signInMillis, `95 in 100 sign-ins within ${signIn.toFixed(0)} ms`);
});
