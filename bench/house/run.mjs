// What the server costs to keep: binary size, memory when idle, memory of each open recorded visit, and
// the time from exec to the first accepted connection with many accounts.
//
//   node bench/house/run.mjs [--accounts 100000] [--visits 200] [--starts 5]
//
// The build is SALLYPORT_BUILD, by default build/bench (seed_accounts is there too).
import {execFileSync, spawn} from 'node:child_process';
import {copyFileSync, mkdtempSync, readFileSync, rmSync, statSync} from 'node:fs';
import https from 'node:https';
import {createConnection} from 'node:net';
import {once} from 'node:events';
import {cpus, loadavg, tmpdir} from 'node:os';
import {join} from 'node:path';
import {parseArgs} from 'node:util';

import {backend} from '../gateway/peers.mjs';
import {median, table} from '../tools.mjs';
import {freePort} from '../../tests/support/free_port.mjs';

const {values: wanted} = parseArgs({
    options: {
        accounts: {type: 'string', default: '100000'},
        visits: {type: 'string', default: '200'},
        starts: {type: 'string', default: '5'},
    },
});
const root = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');
process.env.SALLYPORT_BUILD ??= join(root, 'build/bench');
const {House} = await import('../../tests/e2e/house.mjs');
const program = join(process.env.SALLYPORT_BUILD, 'src/apps/sallyport/sallyport');

const rows = [];
const closing = [];

function note(what, measured, unit, target) {
    rows.push([what, `${measured} ${unit}`, target === undefined ? '-' : `${target} ${unit}`,
        target === undefined ? '' : measured <= target ? 'met' : 'missed']);
}

const wait = (milliseconds) => new Promise((good) => { setTimeout(good, milliseconds); });

function memoryKib(pid) {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    const of = (name) => Number(rollup.match(new RegExp(`^${name}:\\s+(\\d+)`, 'm'))[1]);
    return {rss: of('Rss'), pss: of('Pss')};
}

function binarySize() {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
    const copy = join(folder, 'sallyport');
    copyFileSync(program, copy);
    execFileSync('llvm-strip-19', ['--strip-all', copy]);
    note('binary, stripped', (statSync(copy).size / 1e6).toFixed(1), 'MB');
    rmSync(folder, {recursive: true});
}

// One engineer with a grant for each of many devices: a visit is a session's to a device.
async function visits(count) {
    const house = await House.open({program});
    closing.push(() => house.close());
    house.pumpPort = await freePort();
    const child = await backend(house.folder, house.pumpPort);
    closing.push(() => child.kill());
    const people = await house.people();
    const {anna, erik, paula} = people;
    await house.registerPump(anna);
    await erik.client.expect('POST', '/api/notice', {});
    await house.grant(people);
    await house.stop();
    await house.start();
    await wait(3000);
    const idle = memoryKib(house.server.pid);
    note('memory after start, RSS', (idle.rss / 1024).toFixed(1), 'MB', 40);
    note('memory after start, PSS', (idle.pss / 1024).toFixed(1), 'MB');

    const points = [];
    const now = Date.now();
    const ca = readFileSync(house.ca);
    for (let i = 0; i < count; ++i) {
        const name = `pump-1${String(i).padStart(3, '0')}`;
        await anna.client.expect('POST', '/api/devices', {
            name, serial: `BENCH-${i}`, address: '127.0.0.1', port: house.pumpPort, archetype: 'A2',
        });
        await anna.client.expect('POST', `/api/devices/${name}/credential`, {
            user_name: 'service', password: house.servicePassword(),
        });
        const asked = await erik.client.expect('POST', '/api/grants', {
            device: name, purpose: 'Benchmark of many visits', change_ticket: 'CHG-1042',
            from: new Date(now).toISOString(), until: new Date(now + 7200_000).toISOString(),
        });
        await paula.client.expect('POST', `/api/grants/${asked.id}/approve`, {reason: 'Planned'});
    }
    // All rows are there before the first visit: what grows from here on is visits.
    await wait(2000);
    points.push([0, memoryKib(house.server.pid).rss]);
    for (let i = 0; i < count; ++i) {
        const host = `pump-1${String(i).padStart(3, '0')}.gate.localhost`;
        const first = await erik.client.visit(`https://${host}:${house.port}/status`);
        if (first.status !== 200) throw new Error(`no visit ${i}: ${first.status} ${first.body}`);
        await staysOpen(house, erik.client, host, ca);
        if ((i + 1) % (count / 4) === 0) {
            await wait(3000);  // the mover has written what it held
            points.push([i + 1, memoryKib(house.server.pid).rss]);
        }
    }
    note(`memory of each open visit (slope over ${count})`, slope(points).toFixed(0), 'KiB', 200);
    console.log(`visits and RSS: ${points.map(([n, kib]) => `${n}: ${(kib / 1024).toFixed(1)} MB`).join(', ')}`);
}

// A request on a connection that is kept, as a browser keeps it, with its socket to the device.
async function staysOpen(house, client, host, ca) {
    const agent = new https.Agent({keepAlive: true, maxSockets: 1});
    const cookie = [...client.cookies.get(host)].map(([key, value]) => `${key}=${value}`).join('; ');
    const request = https.request({
        agent, host: '127.0.0.1', port: house.port, servername: host, ca, path: '/status',
        headers: {host: `${host}:${house.port}`, cookie, accept: 'application/json'},
    });
    request.end();
    const [response] = await once(request, 'response');
    response.resume();
    await once(response, 'end');
    if (response.statusCode !== 200) throw new Error(`${host}: ${response.statusCode}`);
    closing.push(() => agent.destroy());
}

function slope(points) {
    const mean = (numbers) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
    const [x, y] = [mean(points.map(([n]) => n)), mean(points.map(([, kib]) => kib))];
    const over = points.reduce((sum, [n, kib]) => sum + (n - x) * (kib - y), 0);
    return over / points.reduce((sum, [n]) => sum + (n - x) ** 2, 0);
}

const accepts = (port) => new Promise((good) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => { socket.destroy(); good(true); });
    socket.once('error', () => good(false));
});

async function startTimes(accounts, starts) {
    const house = await House.open({program});
    closing.push(() => house.close());
    await house.stop();
    const database = join(house.folder, 'site/data/sallyport.db');
    const begin = Date.now();
    execFileSync(join(process.env.SALLYPORT_BUILD, 'bench/seed_accounts'), [database, String(accounts)], {stdio: 'inherit'});
    console.log(`seeded in ${((Date.now() - begin) / 1000).toFixed(0)} s`);
    // Once, until the log has numbered the events: that is the seeding's backlog, not a start's.
    await house.start();
    await house.stop();

    const times = [];
    for (let i = 0; i < starts; ++i) {
        const from = process.hrtime.bigint();
        const server = spawn(program, ['serve', '--config', join(house.folder, 'site/sallyport.toml')], {stdio: 'ignore'});
        while (!await accepts(house.port)) {
            if (server.exitCode !== null) throw new Error('the server ended');
            await wait(1);
        }
        times.push(Number(process.hrtime.bigint() - from) / 1e6);
        if (i === starts - 1) {
            await wait(3000);
            note(`memory with ${accounts} accounts, RSS`, (memoryKib(server.pid).rss / 1024).toFixed(1), 'MB');
        }
        server.kill('SIGTERM');
        await once(server, 'exit');
    }
    note(`exec to first connection, ${accounts} accounts`, median(times).toFixed(0), 'ms', 1000);
}

try {
    binarySize();
    await visits(Number(wanted.visits));
    await startTimes(Number(wanted.accounts), Number(wanted.starts));
    console.log(`${cpus().length} cores (${cpus()[0].model}), load ${loadavg()[0].toFixed(1)}`);
    table(['what', 'measured', 'target', ''], rows);
} finally {
    for (const close of closing.reverse()) await close();
}
