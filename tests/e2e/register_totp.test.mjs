// The register, as clinical engineering fills it: 240 pumps from one table, at the terminal and on the
// page, what its proof lacks, and a pump that is not the one at its address.
import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {faults} from './axe.mjs';
import {follow, openBrowser} from './browser.mjs';
import {House} from './house.mjs';

const group = 'pump-vlan-volumetric-ip32';
let house, people, browser;

before(async () => {
    house = await House.open();
    people = await house.people();
    browser = await openBrowser();
    const {anna} = people;
    await good(['login', '--terminal', '--server', house.origin, '--ca', house.ca, '--name', 'anna'],
        `${anna.passphrase}\n${await house.freshCode(anna)}\n`);
});

after(async () => {
    await browser?.close();
    await house?.close();
});

const cli = (words, input = '') => house.sallyport(words, {input, env: {SALLYPORT_SESSION: join(house.folder, 'anna.session')}});

async function good(words, input) {
    const done = await cli(words, input);
    assert.equal(done.code, 0, `${words.join(' ')}: ${done.err}`);
    return done.out;
}

function file(name, text) {
    const path = join(house.folder, name);
    writeFileSync(path, text);
    return path;
}

const header = 'name,serial,address,port,archetype,ephi,mac,ward\n';
// The demo takes loopback addresses alone.
const row = (i) => `pump-${String(i).padStart(3, '0')},SN-${i},127.0.0.1,${20000 + i},A2,RT,00:1b:63:84:00:${(i % 256).toString(16).padStart(2, '0')},ICU ${i % 4}\n`;
const rows = (count) => Array.from({length: count}, (_, i) => row(i + 1)).join('');

// anna on a page, signed in; the policy that the server sends would keep the examiner out.
async function page() {
    const context = await browser.newContext({ignoreHTTPSErrors: true, bypassCSP: true});
    const opened = await context.newPage();
    opened.setDefaultTimeout(20000);
    await opened.goto(house.origin);
    await opened.fill('[name=login_name]', 'anna');
    await opened.fill('[name=passphrase]', people.anna.passphrase);
    await follow(opened);
    await opened.fill('[name=code]', await house.freshCode(people.anna));
    await follow(opened);
    return opened;
}

test('S2-06: 240 pumps come from one table; a unit too few or too many is shown', async () => {
    const interfaces = file('interfaces.json', JSON.stringify([
        {name: 'service web page', kind: 'network', port: 8080, authentication: 'fixed_password', control: 'gateway',
            last_hop: 'isolated', attestation: 'Ida Isler, 2026-11-20, CHG-77'},
        {name: 'serial port', kind: 'serial', authentication: 'none', control: 'physical', reference: 'seal 4711'},
    ]));
    await good(['device-group', 'create', group, '--description', 'EMP-3200', '--deployed', '240', '--interfaces', interfaces,
        '--mds2', 'ExampleMed-IP3.2-MDS2-2024', '--mds2-sha256', 'a'.repeat(64), '--mds2-date', '2024-05-01']);
    const dry = await good(['device-group', 'import', group, file('pumps.csv', header + rows(239)), '--dry-run']);
    assert.match(dry, /would register: 239/);
    assert.match(await good(['device-group', 'show', group]), /registered\s+0/);

    assert.match(await good(['device-group', 'import', group, join(house.folder, 'pumps.csv')]), /registered: 239\nchanged: 0\nas they were: 0/);
    assert.match(await good(['device-group', 'show', group]), /count_differs \(240 deployed, 239 registered\)/);
    assert.match(await good(['device-group', 'import', group, file('pumps.csv', header + rows(240))]), /registered: 1\nchanged: 0\nas they were: 239/);
    const whole = JSON.parse(await good(['device-group', 'show', group, '--json']));
    assert.deepEqual([whole.registered, whole.deployed, whole.gaps], [240, 240, []]);
    assert.equal(whole.members.length, 240);
    assert.deepEqual(whole.members[239].gaps, []);
    assert.equal(whole.members[239].interfaces.length, 2);
    await good(['device-group', 'import', group, file('pumps.csv', header + rows(241))]);
    assert.match(await good(['device-group', 'show', group]), /count_differs \(240 deployed, 241 registered\)/);
});

test('a table with mistakes is told of as a compiler tells, and nothing of it happens', async () => {
    const table = file('wrong.csv', `${header}Pump 1,SN-900,127.0.0.1,21001,A2,RT,,\npump-901,,127.0.0.1,21002,A2,,,\npump-902,SN-1,10.0.0.1,80,A2,RT,,\n`);
    const done = await cli(['device-group', 'import', group, table]);
    assert.equal(done.code, 1);
    assert.ok(done.err.includes(`${table}:2:1: name: 1 to 63 of a-z`), done.err);
    assert.ok(done.err.includes(`${table}:3:10: serial: is missing`), done.err);
    assert.ok(done.err.includes(`${table}:3:30: ephi: is missing`), done.err);
    assert.ok(done.err.includes(`${table}:4:1: name: this serial number is registered as pump-001; names stay`), done.err);
    assert.ok(done.err.includes('nothing was changed'), done.err);
    const {devices} = await people.anna.client.expect('GET', '/api/devices');
    assert.equal(devices.length, 241);
    const header2 = await cli(['device-group', 'import', group, file('no.csv', 'name,serial\n')]);
    assert.equal(header2.code, 1);
    assert.match(header2.err, /the column address is missing/);
});

test('on its pages: the group, a table that is refused, one that is taken; axe-core finds nothing', async () => {
    const at = await page();
    await at.goto(`${house.origin}/device-groups`);
    assert.deepEqual(await faults(at), [], 'the groups');
    await at.fill('[name=name]', 'monitors');
    await at.fill('[name=deployed]', '1');
    await follow(at, 'main form[action="/api/device-groups"] button');
    assert.equal(new URL(at.url()).pathname, '/device-groups/monitors');
    assert.match(await at.innerText('main'), /no MDS2 statement/);
    assert.match(await at.innerText('main'), /1 deployed, 0 registered/);
    assert.deepEqual(await faults(at), [], 'a new group');

    await at.fill('[name=csv]', `${header}Monitor,M-1,127.0.0.1,22001,A3,none,,\n`);
    await follow(at, 'form[action$="/import"] button');
    assert.match(await at.innerText('main'), /Nothing was changed/);
    assert.match(await at.innerText('main table'), /2\s+1\s+name\s+1 to 63 of a-z/);
    assert.deepEqual(await faults(at), [], 'a table with a mistake');
    await at.goto(`${house.origin}/device-groups/monitors`);
    await at.fill('[name=csv]', `${header}monitor-1,M-1,127.0.0.1,22001,A3,none,,OR 4\n`);
    await follow(at, 'form[action$="/import"] button');
    assert.match(await at.innerText('main'), /1 registered, 0 changed, 0 as they were/);
    await follow(at, 'text=Back to the group');
    assert.match(await at.innerText('tr:has-text("monitor-1")'), /monitor-1\s+M-1\s+OR 4/);
    assert.deepEqual(await faults(at), [], 'a group with a device');
    await at.goto(`${house.origin}/device-groups/${group}`);
    assert.equal(await at.locator('tbody tr:has-text("SN-")').count(), 241);
    assert.match(await at.innerText('main'), /isolated \(Ida Isler, 2026-11-20, CHG-77\)/);
    await at.context().close();
});

test('the right device: serial and ward stand large; another pump at the address is not visited', async () => {
    const {anna, erik} = people;
    await house.stepUp(anna);
    const profile = {
        allow: [{method: 'GET', path: '/*'}], identity: {path: '/status', pointer: '/serial'},
    };
    await house.registerPump(anna, profile);
    await anna.client.expect('POST', '/api/devices/pump-07/place', {address: '127.0.0.1', port: house.pumpPort, ephi: 'none', ward: 'ICU 2'});
    await house.grant(people);
    const context = await browser.newContext({ignoreHTTPSErrors: true});
    const at = await context.newPage();
    at.setDefaultTimeout(20000);
    await at.goto(house.origin);
    await at.fill('[name=login_name]', 'erik');
    await at.fill('[name=passphrase]', erik.passphrase);
    await follow(at);
    await at.fill('[name=code]', await house.freshCode(erik));
    await follow(at);
    for (const [name, words] of [['serial', 'IP2-pump-07'], ['ward', 'ICU 2']]) {
        const shown = at.locator(`.card .${name}`);
        assert.equal(await shown.innerText(), words);
        assert.ok(await shown.evaluate((node) => parseFloat(getComputedStyle(node).fontSize)) > 20, name);
    }
    // The simulated pump says SN-0007: it is not the one that is registered.
    const before = house.pumpBytes().length;
    await at.click('.cards >> text=pump-07');
    await at.getByRole('button', {name: 'I have read this'}).click();
    await at.getByText('Another device answers at this device').waitFor();
    const heard = house.pumpBytes().subarray(before).toString('latin1');
    assert.match(heard, /GET \/status HTTP\/1\.1/);
    assert.doesNotMatch(heard, /Authorization|GET \/ /);
    const {events} = await people.otto.client.expect('GET', '/api/audit?type=device.identity_mismatch');
    assert.equal(events.length, 1);
    const {leaf} = await people.otto.client.expect('GET', `/api/audit/${events[0].id}`);
    assert.match(leaf, /"expected":"IP2-pump-07"/);
    assert.match(leaf, /"read":"SN-0007"/);
    await context.close();
});
