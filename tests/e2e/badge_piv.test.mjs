// Badges that prove themselves: a PIV card on the virtual reader, the real program beside it, and a
// copy of the card's number. The browser's pages are badge_totp.test.mjs's; here its API is asked.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House, binary} from './house.mjs';
import {openWard, registerWorkstation, workstationCookie} from './ward.mjs';
import {VirtualBadgeReader} from '../support/virtual_badge_reader.mjs';
import {VirtualPivCard} from '../support/virtual_piv_card.mjs';

const number = '04a1b2c3d4e5f6';
const pin = '274916';
let house, people, reader, agent, card, workstation;

const stateFile = () => join(house.folder, 'badge-reader.json');

// The agent says this after what it said before `from`.
const says = (pattern, from = 0) => house.until(`the badge program says ${pattern}`,
    () => pattern.test(agent.said.slice(from)), 40);

async function startAgent() {
    agent = spawn(binary, ['badge', 'run', '--state', stateFile()], {
        env: {...process.env, ...reader.environment}, stdio: ['ignore', 'pipe', 'pipe'],
    });
    agent.said = '';
    for (const stream of [agent.stdout, agent.stderr]) stream.on('data', (chunk) => { agent.said += chunk; });
    await says(/reader .*: ready/);
}

async function tap(outcome, applet) {
    const from = agent.said.length;
    await new Promise((over) => setTimeout(over, 1600));  // the same card sooner is a shaky hand's
    await reader.put(number, applet);
    await says(new RegExp(`card told: ${outcome}`), from);
    await reader.takeAway();
}

before(async () => {
    house = await House.open();
    people = await house.people();
    workstation = await registerWorkstation(await openWard(house, people));
    // Her browser is that workstation's.
    people.nora.client.cookies.get('sallyport.localhost').set(workstationCookie, workstation.cookie);
    await house.stepUp(people.clark);
    const {ticket} = await people.clark.client.expect('POST', `/api/workstations/${workstation.id}/badge-reader`, {mode: 'tap'});
    reader = await VirtualBadgeReader.open();
    card = new VirtualPivCard();
    const done = await house.sallyport(
        ['badge', 'register', '--server', house.origin, '--ca', house.ca, '--state', stateFile()], {input: `${ticket}\n`}
    );
    assert.equal(done.code, 0, done.err);
    await startAgent();
});

after(async () => {
    if (agent?.exitCode === null && agent.signalCode === null) {
        agent.kill('SIGTERM');
        await once(agent, 'exit');
    }
    card?.close();
    await reader?.close();
    await house?.close();
});

test('a card with a key signs when it is bound', async () => {
    await house.stepUp(people.nora);
    await tap('unknown', card.applet);
    assert.equal(card.signed, 1);
    const {client} = people.nora;
    const shown = await client.expect('GET', '/security/badge');
    assert.ok(shown.tap);
    await client.expect('POST', '/api/self/authenticators/badge', {tap: shown.tap, label: 'My badge', pin});
});

test('S1-34 (part): a copy of its number brings no PIN prompt', async () => {
    await tap('not_proven');
    const waiting = await people.nora.client.expect('GET', '/badge');
    assert.equal(waiting.asks_for_pin, false);
});

test('S1-34 (part): another card with a key and the same number brings none either', async () => {
    const other = new VirtualPivCard();
    try {
        await tap('not_proven', other.applet);
        assert.equal(other.signed, 1);
    } finally {
        other.close();
    }
});

test('the card itself asks for the PIN', async () => {
    await tap('asks_for_pin', card.applet);
    assert.equal(card.signed, 2);
    const waiting = await people.nora.client.expect('GET', '/badge');
    assert.equal(waiting.asks_for_pin, true);
});
