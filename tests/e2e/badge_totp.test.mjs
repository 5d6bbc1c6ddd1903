// A ward's shared workstation with a badge reader: a real pcscd with a virtual reader, the real
// program beside it, and a real browser. Taps, other people's taps, wrong cards, lost readers.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {statSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House, binary, proofed} from './house.mjs';
import {openBrowser, openPage} from './browser.mjs';
import {VirtualBadgeReader} from '../support/virtual_badge_reader.mjs';

const cards = {nora: '04a1b2c3d4e5f6', otto: '04ffeeddccbbaa', nobody: '11223344'};
const pins = {nora: '274916', otto: '816203'};
const workstationCookie = '__Host-sallyport-workstation';
const lockedWithin = 2000;  // milliseconds, S1-34
let house, people, reader, browser, page, agent, workstation;

async function add(name, role, passphrase, creator = people.anna) {
    const made = await creator.client.expect('POST', '/api/users', {login_name: name, display_name: `${name} Ward`, role, ...proofed});
    const person = {name, role, passphrase, client: house.client()};
    people[name] = person;
    await person.client.expect('POST', '/api/enrolment', {ticket: made.ticket.code});
    await house.enrol(person);
    return person;
}

// The house's own network is a ward.
async function nameZones() {
    const {sam, paula} = people;
    const policy = await sam.client.expect('GET', '/api/policy');
    policy.zones = [{name: 'ward-3', kind: 'ward', networks: ['127.0.0.0/8']}];
    const {version} = await sam.client.expect('POST', '/api/policy/proposals', {policy, rationale: 'the networks of the house'});
    await house.stepUp(paula);
    await paula.client.expect('POST', `/api/policy/proposals/${version}/approve`, {});
}

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
    await add('sam', 'security_officer', 'nine pale moths at dusk');
    await add('clark', 'clinical_administrator', 'five cold stones in rain');
    await nameZones();
    await add('nora', 'clinician', 'two red boats at noon', people.clark);
    people.otto = await add('otto.nurse', 'clinician', 'six old clocks in line', people.clark);
    await house.stepUp(people.clark);
    workstation = await people.clark.client.expect('POST', '/api/workstations', {name: 'ward-3-a', zone: 'ward-3'});
    reader = await VirtualBadgeReader.open();
    browser = await openBrowser();
    page = await openPage(browser);
    const value = people.clark.client.cookies.get('sallyport.localhost').get(workstationCookie);
    await page.context().addCookies([{
        name: workstationCookie, value, domain: 'sallyport.localhost', path: '/', secure: true, httpOnly: true, sameSite: 'Lax',
    }]);
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

test('S1-34 (part): tapping out locks the screen within two seconds, and badge and PIN bring it back', async () => {
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
    await page.fill('[name=pin]', '111222');
    await page.click('main button');
    await page.waitForSelector('[role=alert]');
    assert.equal(await whoIsHere(), null, 'a badge with a wrong PIN opens nothing');
    await page.fill('[name=pin]', pins.nora);
    await page.click('main button');
    await page.waitForURL('**/security');
    assert.equal(await whoIsHere(), 'nora');
});

test('S1-34 (part): the tap of somebody else, or of nobody, never opens the session before', async () => {
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
    const [answer] = await Promise.all([
        page.waitForResponse('**/api/session/unlock-with-badge'), page.click('main button'),
    ]);
    assert.equal((await answer.allHeaders())['clear-site-data'], '"cache", "storage"');
    await page.waitForURL(`${house.origin}/`);
    assert.equal(await whoIsHere(), 'nora', 'her own session, not his');
});

test('S1-35 (part): the switch is on record, with both sessions and the workstation', async () => {
    await house.stepUp(people.otis);
    const text = JSON.stringify(await newest('session.switch_user'));
    assert.match(text, /from_session/);
    assert.match(text, /ward-3-a/);
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
