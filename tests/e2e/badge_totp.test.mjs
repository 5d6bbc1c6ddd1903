// A ward's shared workstation with a badge reader: a real pcscd with a virtual reader, the real
// program beside it, and a real browser. Taps, other people's taps, wrong cards, lost readers.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {statSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House, binary} from './house.mjs';
import {openBrowser, openPage} from './browser.mjs';
import {add, openWard, registerWorkstation, seat} from './ward.mjs';
import {VirtualBadgeReader} from '../support/virtual_badge_reader.mjs';

const cards = {nora: '04a1b2c3d4e5f6', otto: '04ffeeddccbbaa', nobody: '11223344'};
const pins = {nora: '274916', otto: '816203'};
const lockedWithin = 2000;  // milliseconds, S1-34
let house, people, reader, browser, page, agent, workstation;

const stateFile = () => join(house.folder, 'badge-reader.json');

async function registerReader(mode) {
    await house.stepUp(people.clark);
    const {ticket} = await people.clark.client.expect('POST', `/api/workstations/${workstation.id}/badge-reader`, {mode});
    return house.sallyport(
        ['badge', 'register', '--server', house.origin, '--ca', house.ca, '--state', stateFile()], {input: `${ticket}\n`}
    );
}

async function startAgent() {
    agent = spawn(binary, ['badge', 'run', '--state', stateFile()], {
        env: {...process.env, ...reader.environment}, stdio: ['ignore', 'pipe', 'pipe'],
    });
    agent.said = '';
    for (const stream of [agent.stdout, agent.stderr]) stream.on('data', (chunk) => { agent.said += chunk; });
    await says(/waiting for cards/);
    await says(/reader .*: ready/);
}

// The agent says this after what it said before `from`.
const says = (pattern, from = 0) => house.until(`the badge program says ${pattern}`,
    () => pattern.test(agent.said.slice(from)), 40);

async function stopAgent(signal = 'SIGTERM') {
    agent.kill(signal);
    const [code] = await once(agent, 'exit');
    return code;
}

// A card held against the reader for a moment.
async function tap(card, outcome) {
    const from = agent.said.length;
    await new Promise((over) => setTimeout(over, 1600));  // the same card sooner is a shaky hand's
    await reader.put(card);
    await says(new RegExp(`card told: ${outcome}`), from);
    await reader.takeAway();
}

async function signIn(name) {
    await page.goto(`${house.origin}/sign-in`);
    await page.fill('[name=login_name]', name);
    await page.fill('[name=passphrase]', people[name].passphrase);
    await page.click('main button');
    await page.fill('[name=code]', await house.freshCode(people[name]));
    await page.click('main button');
    await page.waitForURL(`${house.origin}/`);
}

async function bind(name) {
    await page.goto(`${house.origin}/security/badge`);
    await tap(cards[name], 'unknown');
    await page.waitForSelector('[name=label]');
    await page.fill('[name=pin]', pins[name]);
    await page.fill('[name=repeated]', pins[name]);
    await page.click('form[action="/api/self/authenticators/badge"] button');
    await page.waitForSelector('text=Another PIN for');
}

const whoIsHere = () => page.evaluate(async () => {
    const answer = await fetch('/api/session', {headers: {accept: 'application/json'}});
    return answer.status === 200 ? (await answer.json()).login_name : null;
});

const newest = async (type) => {
    const {events} = await people.otis.client.expect('GET', `/api/audit?type=${type}`);
    return (await people.otis.client.expect('GET', `/api/audit/${events[0].id}`));
};

before(async () => {
    house = await House.open();
    people = await house.people();
    people.otis = people.otto;  // the house's auditor; here otto is a nurse
    const ward = await openWard(house, people);
    people.otto = await add(ward, 'otto.nurse', 'clinician', 'six old clocks in line', people.clark);
    workstation = await registerWorkstation(ward);
    reader = await VirtualBadgeReader.open();
    browser = await openBrowser();
    page = await openPage(browser);
    await seat(page, workstation);
});

after(async () => {
    if (agent?.exitCode === null && agent.signalCode === null) agent.kill('SIGKILL');
    await browser?.close();
    await reader?.close();
    await house?.close();
});

test('a badge reader registers with a ticket, once, and keeps its token to itself', async () => {
    const alone = await house.sallyport(['badge', 'run', '--state', stateFile()]);
    assert.equal(alone.code, 1);
    assert.match(alone.err, /No badge reader is registered here/);
    const done = await registerReader('tap');
    assert.equal(done.code, 0, done.err);
    assert.match(done.out, /badge reader of ward-3-a \(mode tap\)/);
    assert.equal(statSync(stateFile()).mode & 0o777, 0o600);
    const wrong = await house.sallyport(
        ['badge', 'register', '--server', house.origin, '--ca', house.ca, '--state', join(house.folder, 'other.json')],
        {input: 'AAAA\n'}
    );
    assert.equal(wrong.code, 1);
    assert.match(wrong.err, /That ticket is not valid/);
});

test('S1-34: tapping out locks the screen within two seconds, a card alone opens nothing, and another\'s tap never opens the session before', async () => {
    await startAgent();
    await signIn('nora');
    await bind('nora');
    await page.goto(`${house.origin}/security`);
    await page.waitForSelector('#sessions');
    // The page has begun to watch.
    await page.waitForRequest('**/api/workstation/watch');
    const begun = Date.now();
    await Promise.all([page.waitForURL('**/badge?next=**', {timeout: 10_000}), reader.put(cards.nora)]);
    const took = Date.now() - begun;
    assert.ok(took <= lockedWithin, `locked after ${took} ms`);
    assert.equal(await whoIsHere(), null);
    await reader.takeAway();

    await tap(cards.nora, 'asks_for_pin');
    await page.waitForSelector('h1:text("Hello, nora")');
    assert.equal(await whoIsHere(), null, 'a card alone opens nothing');
    await page.fill('[name=pin]', '111222');
    await page.click('main button');
    await page.waitForSelector('[role=alert]');
    assert.equal(await whoIsHere(), null, 'a badge with a wrong PIN opens nothing');
    await page.fill('[name=pin]', pins.nora);
    await page.click('main button');
    await page.waitForURL('**/security');
    assert.equal(await whoIsHere(), 'nora');

    // Somebody else's tap, or nobody's.
    await page.waitForRequest('**/api/workstation/watch');
    await tap(cards.nobody, 'unknown');
    assert.equal(await whoIsHere(), 'nora', 'an unknown card neither opens nor locks');
    // otto's badge is bound in a session of his own.
    await tap(cards.nora, 'locked');
    await page.waitForURL('**/badge?next=**');
    await signIn('otto.nurse');
    people.otto.name = 'otto.nurse';
    await bind('otto');
    await page.goto(`${house.origin}/security`);
    await page.waitForRequest('**/api/workstation/watch');
    await tap(cards.nora, 'asks_for_pin');
    await page.waitForSelector('h1:text("Hello, nora")');
    assert.equal(await whoIsHere(), null, 'his session is locked by her tap');
    await page.fill('[name=pin]', pins.otto);
    await page.click('main button');
    await page.waitForSelector('[role=alert]');
    assert.equal(await whoIsHere(), null);
    await page.fill('[name=pin]', pins.nora);
    await page.click('main button');
    await page.waitForURL(`${house.origin}/`);
    assert.equal(await whoIsHere(), 'nora', 'her own session, not his');
});

test('S1-35: each has a session of their own; a switch is on record and leaves nothing of the other in the browser', async () => {
    const here = () => page.evaluate(async () => {
        const mine = (await (await fetch('/api/sessions', {headers: {accept: 'application/json'}})).json()).sessions;
        return mine.map((each) => each.id);
    });
    const hers = await here();
    await page.goto(`${house.origin}/security`);
    await page.evaluate(() => {
        sessionStorage.setItem('left', 'by nora');
        localStorage.setItem('left', 'by nora');
    });
    await page.waitForRequest('**/api/workstation/watch');
    await tap(cards.otto, 'asks_for_pin');
    await page.waitForSelector('[name=pin]');
    await page.fill('[name=pin]', pins.otto);
    const [answer] = await Promise.all([
        page.waitForResponse('**/api/session/unlock-with-badge'), page.click('main button'),
    ]);
    assert.equal((await answer.allHeaders())['clear-site-data'], '"cache", "storage"');
    await page.waitForURL(`${house.origin}/`);
    assert.equal(await whoIsHere(), 'otto.nurse');
    assert.deepEqual(await page.evaluate(() => [sessionStorage.getItem('left'), localStorage.getItem('left')]), [null, null]);
    const his = await here();
    assert.ok(hers.length > 0 && his.length > 0 && his.every((id) => !hers.includes(id)), `${hers} and ${his}`);
    await house.stepUp(people.otis);
    const text = JSON.stringify(await newest('session.switch_user'));
    assert.match(text, /from_session/);
    assert.match(text, /ward-3-a/);
    // nora's is there as she left it.
    await tap(cards.nora, 'asks_for_pin');
    await page.waitForSelector('h1:text("Hello, nora")');
    await page.fill('[name=pin]', pins.nora);
    await page.click('main button');
    await page.waitForURL(`${house.origin}/`);
    assert.equal(await whoIsHere(), 'nora');
});

test('a reader that is unplugged and a pcscd that is restarted are waited for', async () => {
    const from = agent.said.length;
    await reader.unplug();
    await says(/reader .*: gone; waiting for it/, from);
    const again = agent.said.length;
    await reader.plugIn();
    await says(/reader .*: ready/, again);
    await page.goto(`${house.origin}/security`);
    await page.waitForRequest('**/api/workstation/watch');
    await tap(cards.nora, 'locked');
    await page.waitForURL('**/badge?next=**');
});

test('a card that says no number is no badge, and is not told', async () => {
    const from = agent.said.length;
    await reader.put();
    await says(/a card that can't be a badge \(card\.no_uid\)/, from);
    await reader.takeAway();
});

test('while the server is away the program says so, and goes on when it is back', async () => {
    await house.stop();
    const from = agent.said.length;
    await new Promise((over) => setTimeout(over, 1600));
    await reader.put(cards.nora);
    await says(/server away \(.*\); trying again in 1 s/, from);
    await house.start();
    await reader.takeAway();
    // Whether that tap is told depends on how long the server was away; the next one is.
    await says(/server back|it has to be put on again/, from);
    await tap(cards.nora, 'asks_for_pin');
    assert.equal(agent.exitCode, null);
});

test('S1-34 (part): where badges stay, taking one away locks the screen within two seconds', async () => {
    assert.equal(await stopAgent(), 0, agent.said);
    const done = await registerReader('stay');
    assert.equal(done.code, 0, done.err);
    await startAgent();
    const from = agent.said.length;
    await reader.put(cards.nora);
    await says(/card told: asks_for_pin/, from);
    await page.goto(`${house.origin}/badge?next=/security`);
    await page.waitForSelector('[name=pin]');
    await page.fill('[name=pin]', pins.nora);
    await Promise.all([page.waitForRequest('**/api/workstation/watch'), page.click('main button')]);
    assert.equal(await whoIsHere(), 'nora');
    const begun = Date.now();
    await Promise.all([page.waitForURL('**/badge?next=**', {timeout: 10_000}), reader.takeAway()]);
    const took = Date.now() - begun;
    assert.ok(took <= lockedWithin, `locked after ${took} ms`);
    assert.equal(await whoIsHere(), null);
});

test('a lost reader takes the badge on it away: the session is locked', async () => {
    await reader.put(cards.nora);  // the page waits for it
    await page.waitForSelector('[name=pin]');
    await page.fill('[name=pin]', pins.nora);
    await Promise.all([page.waitForRequest('**/api/workstation/watch'), page.click('main button')]);
    assert.equal(await whoIsHere(), 'nora');
    const from = agent.said.length;
    await reader.unplug();
    await says(/card gone: told/, from);
    await page.waitForURL('**/badge?next=**');
    assert.equal(await whoIsHere(), null);
    await reader.plugIn();
    await says(/reader .*: ready/, from);
});

test('S1-72 (part): of a workstation off the list nothing is heard, and its browser asks for all factors', async () => {
    await house.stepUp(people.clark);
    await people.clark.client.expect('POST', `/api/workstations/${workstation.id}/remove`, {});
    const ended = once(agent, 'exit');
    await reader.put(cards.nora);
    const [code] = await ended;
    assert.equal(code, 1);
    assert.match(agent.said, /does not know this badge reader any more/);
    await page.goto(`${house.origin}/badge`);
    await page.waitForURL('**/sign-in?next=**');
});
