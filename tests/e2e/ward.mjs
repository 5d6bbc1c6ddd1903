// A house whose own network is a ward: who keeps its policy and its people, a nurse, and a
// workstation with its cookie.
import {proofed} from './house.mjs';

export const workstationCookie = '__Host-sallyport-workstation';
export const badgePin = '274916';

// Somebody new, enrolled and signed in by JSON; kept in `people`.
export async function add({house, people}, name, role, passphrase, creator = people.anna) {
    const made = await creator.client.expect('POST', '/api/users', {login_name: name, display_name: `${name} Ward`, role, ...proofed});
    const person = {name, role, passphrase, client: house.client()};
    people[name] = person;
    await person.client.expect('POST', '/api/enrolment', {ticket: made.ticket.code});
    await house.enrol(person);
    return person;
}

async function nameWard({house, people}) {
    const {sam, paula} = people;
    const policy = await sam.client.expect('GET', '/api/policy');
    policy.zones = [{name: 'ward-3', kind: 'ward', networks: ['127.0.0.0/8']}];
    const {version} = await sam.client.expect('POST', '/api/policy/proposals', {policy, rationale: 'the networks of the house'});
    await house.stepUp(paula);
    await paula.client.expect('POST', `/api/policy/proposals/${version}/approve`, {});
}

// sam, clark and nora beside the people of the house, and the zone.
export async function openWard(house, people) {
    const ward = {house, people};
    await add(ward, 'sam', 'security_officer', 'nine pale moths at dusk');
    await add(ward, 'clark', 'clinical_administrator', 'five cold stones in rain');
    await nameWard(ward);
    await add(ward, 'nora', 'clinician', 'two red boats at noon', people.clark);
    return ward;
}

// {id, cookie}: the cookie is what a browser of that workstation holds.
export async function registerWorkstation({house, people}, name = 'ward-3-a') {
    const {client} = people.clark;
    await house.stepUp(people.clark);
    const {id} = await client.expect('POST', '/api/workstations', {name, zone: 'ward-3'});
    return {id, cookie: client.cookies.get('sallyport.localhost').get(workstationCookie)};
}

// The page's browser becomes that workstation's.
export async function seat(page, workstation) {
    await page.context().addCookies([{
        name: workstationCookie, value: workstation.cookie, domain: 'sallyport.localhost', path: '/',
        secure: true, httpOnly: true, sameSite: 'Lax',
    }]);
}

// The token of a reader that stands there now, for the badge program, which is `client`.
export async function registerReader({house, people}, workstation, client = house.client()) {
    await house.stepUp(people.clark);
    const path = `/api/workstations/${workstation.id}/badge-reader`;
    const {ticket} = await people.clark.client.expect('POST', path, {mode: 'tap'});
    return (await client.expect('POST', '/api/badge-reader', {ticket})).token;
}

// A desk without a card on it: {reader, token} are the badge program's, {browser, card} the nurse's. This is
// what the badge program says.
export async function tap(desk, expected) {
    const answer = await desk.reader.request('POST', '/api/badge-reader/tap', {
        json: {uid: desk.card}, headers: {authorization: `Bearer ${desk.token}`},
    });
    if (answer.json?.outcome !== expected) throw new Error(`a tap: ${answer.status} ${answer.body}`);
}

// The page that asks for the PIN, as a browser gets it; returns the tap that it is for.
export async function pinPage(desk) {
    const page = await desk.browser.request('GET', '/badge', {headers: {accept: 'text/html'}});
    const html = page.body.toString();
    const field = html.match(/<input[^>]*name="tap"[^>]*value="([^"]+)"/);
    if (!field || !html.includes('name="pin"')) throw new Error(`no page for a PIN: ${page.status} ${html}`);
    return field[1];
}

export async function typePin(desk, id) {
    const done = await desk.browser.expect('POST', '/api/session/unlock-with-badge', {tap: id, pin: badgePin});
    desk.browser.csrf = done.csrf;
}
