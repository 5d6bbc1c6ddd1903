// A ward, set up through the API: its zone, nurses with passphrase and authenticator app, workstations
// with badge readers, and a badge with a PIN for the nurse at each. On the machine's clock, so a code
// has to be waited for; and each person calls from an address of their own, as from a desk of their
// own, or the throttle of sources would be what is measured.
import {execFileSync} from 'node:child_process';
import https from 'node:https';
import {setTimeout as pause} from 'node:timers/promises';

import {proofed} from '../../tests/e2e/house.mjs';
import {badgePin, tap, workstationCookie} from '../../tests/e2e/ward.mjs';

const host = 'sallyport.localhost';
const stepMillis = 30_000;
const codesAhead = 240;          // two hours of them
const stepUpEvery = 4 * 60_000;  // one is good for five minutes

const currentStep = () => Math.floor(Date.now() / stepMillis);

// A code is good once, and at most one step early.
const isDue = (person) => (person.step ?? 0) <= currentStep();

// Asked for all at once: a process for each would be timed along.
function loadCodes(person) {
    const first = currentStep();
    const said = execFileSync('oathtool', [
        '--totp', '-b', '--window', String(codesAhead), '--now', `@${first * stepMillis / 1000}`, person.seed,
    ]);
    const codes = said.toString().trim().split('\n');
    person.codes = new Map(codes.map((code, i) => [first + i, code]));
}

export function nextCode(person) {
    if (!isDue(person)) throw new Error(`${person.name} has no fresh code yet`);
    person.step = Math.max(currentStep(), (person.step ?? 0) + 1);
    return person.codes.get(person.step);
}

export async function codesDue(people) {
    while (!people.every(isDue)) await pause(100);
}

export class Ward {
    static async open(house, {nurses, workstations}) {
        const ward = new Ward();
        ward.house = house;
        ward.addresses = 0;
        ward.people = await house.people();
        await ward.#nameZones();
        ward.clark = await ward.#add('clark', 'clinical_administrator', ward.people.anna, house.client());
        ward.clarkProven = Date.now();
        ward.nurses = [];
        for (let i = 0; i < nurses; ++i) {
            await ward.#clarkStepsUp();
            ward.nurses.push(await ward.#add(`nora.${i}`, 'clinician', ward.clark, ward.#browser()));
        }
        ward.desks = [];
        for (let i = 0; i < workstations; ++i) ward.desks.push(await ward.#desk(i));
        return ward;
    }

    // In the ward, on a connection that stays open.
    #browser() {
        const client = this.house.client();
        const number = ++this.addresses;
        client.localAddress = `127.3.${number >> 8}.${number & 255}`;
        client.agent = new https.Agent({keepAlive: true, maxSockets: 1});
        return client;
    }

    async #add(name, role, creator, client) {
        const made = await creator.client.expect('POST', '/api/users', {
            login_name: name, display_name: name, role, ...proofed,
        });
        const person = {name, role, passphrase: 'two red boats at noon', client};
        await client.expect('POST', '/api/enrolment', {ticket: made.ticket.code});
        await this.house.enrol(person);
        loadCodes(person);
        return person;
    }

    // Administrators are not at the bedside, where they would need a security key.
    async #nameZones() {
        const {anna, paula} = this.people;
        const sam = await this.#add('sam', 'security_officer', anna, this.house.client());
        const policy = await sam.client.expect('GET', '/api/policy');
        policy.zones = [
            {name: 'ward-3', kind: 'ward', networks: ['127.3.0.0/16']},
            {name: 'offices', kind: 'admin', networks: ['127.0.0.0/16']},
        ];
        const {version} = await sam.client.expect('POST', '/api/policy/proposals', {policy, rationale: 'the networks of the house'});
        await paula.client.expect('POST', `/api/policy/proposals/${version}/approve`, {});
    }

    async #clarkStepsUp() {
        if (Date.now() - this.clarkProven < stepUpEvery) return;
        await codesDue([this.clark]);
        const done = await this.clark.client.expect('POST', '/api/step-up', {code: nextCode(this.clark)});
        this.clark.client.csrf = done.csrf;
        this.clarkProven = Date.now();
    }

    // One nurse's workstation, signed in with all factors, and the badge bound there.
    async #desk(number) {
        await this.#clarkStepsUp();
        const {client: clark} = this.clark;
        const nurse = this.nurses[number];
        const workstation = await clark.expect('POST', '/api/workstations', {name: `ward-3-${number}`, zone: 'ward-3'});
        const jar = clark.cookies.get(host);
        const cookie = jar.get(workstationCookie);
        jar.delete(workstationCookie);
        const {ticket} = await clark.expect('POST', `/api/workstations/${workstation.id}/badge-reader`, {mode: 'tap'});

        const browser = this.#browser();
        browser.cookies.set(host, new Map([[workstationCookie, cookie]]));
        const reader = this.#browser();
        reader.localAddress = browser.localAddress;
        const {token} = await reader.expect('POST', '/api/badge-reader', {ticket});
        const card = `04a1b2c3d4${String(number).padStart(4, '0')}`;
        const desk = {browser, reader, token, card};

        await codesDue([nurse]);
        await signIn(nurse, browser);
        await tap(desk, 'unknown');
        const {tap: id} = await browser.expect('GET', '/security/badge');
        await browser.expect('POST', '/api/self/authenticators/badge', {tap: id, label: 'My badge', pin: badgePin});
        return desk;
    }
}

export async function signIn(person, client = person.client) {
    await firstForm(person, client);
    await secondForm(person, client, nextCode(person));
}

export const firstForm = (person, client) =>
    client.expect('POST', '/api/sign-in', {login_name: person.name, passphrase: person.passphrase});

export async function secondForm(person, client, code) {
    const done = await client.expect('POST', '/api/sign-in/code', {code});
    client.csrf = done.csrf;
}

export async function signOut({client}) {
    await client.expect('POST', '/api/session/end', {});
    client.csrf = '';
}
