// Small GETs through Sallyport (TLS, session, decision, credential, strict recording) beside nginx and
// HAProxy as plain TLS reverse proxies to the same backend, in turns, several rounds, medians.
//
//   node bench/gateway/run.mjs [--seconds 5] [--rounds 5] [--connections 1,32,256]
//
// The build is SALLYPORT_BUILD, by default build/bench. The recordings are made twice: on the disk of
// TMPDIR, and in memory (/dev/shm), where all of recording runs but the wait for a disk: there is no
// switch that turns recording off, so that is what "without" means here.
import {spawn} from 'node:child_process';
import {closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync} from 'node:fs';
import {cpus, loadavg} from 'node:os';
import {join} from 'node:path';
import {parseArgs} from 'node:util';

import {backend, haproxy, nginxProxy} from './peers.mjs';
import {cpuMicros, median, say, table} from '../tools.mjs';
import {freePort} from '../../tests/support/free_port.mjs';

const {values: wanted} = parseArgs({
    options: {
        seconds: {type: 'string', default: '5'},
        rounds: {type: 'string', default: '5'},
        connections: {type: 'string', default: '1,32,256'},
        json: {type: 'string'},
    },
});
const root = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');
process.env.SALLYPORT_BUILD ??= join(root, 'build/bench');
const {House, proofed} = await import('../../tests/e2e/house.mjs');

const program = join(process.env.SALLYPORT_BUILD, 'src/apps/sallyport/sallyport');
// As many connections to a device as one visit may have.
const perVisit = 16;
const counts = wanted.connections.split(',').map(Number);
const visits = Math.ceil(Math.max(...counts) / perVisit);
const deviceHost = 'pump-07.gate.localhost';

// People with an approved grant each, and their cookie of the device's host.
async function cookiesOf(house) {
    const people = await house.people();
    await house.registerPump(people.anna);
    const cookies = [];
    for (let i = 0; i < visits; ++i) {
        const name = `bench.${i}`;
        const made = await people.anna.client.expect('POST', '/api/users', {
            login_name: name, display_name: name, role: 'engineer', ...proofed,
        });
        const person = {name, passphrase: 'seven grey geese went south', client: house.client()};
        await person.client.expect('POST', '/api/enrolment', {ticket: made.ticket.code});
        await house.enrol(person);
        await person.client.expect('POST', '/api/notice', {});
        await house.grant({...people, erik: person}, {minutes: 120});
        const page = await person.client.visit(`${house.deviceOrigin}/status`);
        if (page.status !== 200) throw new Error(`no visit: ${page.status} ${page.body}`);
        const jar = person.client.cookies.get(deviceHost);
        cookies.push([...jar].map(([key, value]) => `${key}=${value}`).join('; '));
    }
    return cookies;
}

function wrk(url, connections, seconds, cookieFile, host) {
    const threads = Math.ceil(connections / perVisit);
    const child = spawn('wrk', ['-t', threads, '-c', connections, '-d', `${seconds}s`, '--timeout', '10s', '-s',
        join(root, 'bench/gateway/wrk.lua'), url].map(String),
    {stdio: ['ignore', 'pipe', 'inherit'], env: {...process.env, BENCH_COOKIES: cookieFile, BENCH_HOST: host}});
    let out = '';
    child.stdout.on('data', (chunk) => { out += chunk; });
    return new Promise((good, bad) => {
        child.on('error', bad);
        child.on('exit', () => {
            const line = out.split('\n').find((each) => each.startsWith('{'));
            line ? good(JSON.parse(line)) : bad(new Error(`wrk said: ${out}`));
        });
    });
}

// The yardstick of a disk: 4 KiB into blocks that are there already, and one fdatasync.
function fdatasyncMillis(folder) {
    const file = join(folder, 'yardstick');
    const number = openSync(file, 'w');
    writeSync(number, Buffer.alloc(4 << 20));
    fdatasyncSync(number);
    const page = Buffer.alloc(4096, 'x');
    const times = [];
    for (let i = 0; i < 200; ++i) {
        const begin = process.hrtime.bigint();
        writeSync(number, page, 0, page.length, (i * 4096) % (4 << 20));
        fdatasyncSync(number);
        times.push(Number(process.hrtime.bigint() - begin) / 1e6);
    }
    closeSync(number);
    rmSync(file);
    return median(times);
}

const closing = [];
try {
    const memory = mkdtempSync('/dev/shm/sallyport-bench-');
    closing.push(() => rmSync(memory, {recursive: true, force: true}));
    const backendPort = await freePort();
    const houses = [];
    const candidates = [];
    const inMemory = `\n[recording]\ndir = "${memory}/recordings"\nreserve_bytes = 16_777_216\n`;
    for (const [name, added] of [['Sallyport, recording to disk', ''], ['Sallyport, recording to memory', inMemory]]) {
        const house = await House.open({program, configure: (text) => text + added});
        closing.push(() => house.close());
        house.pumpPort = backendPort;
        houses.push(house);
        if (houses.length === 1) {
            const child = await backend(house.folder, backendPort);
            closing.push(() => child.kill());
        }
        const cookieFile = join(house.folder, 'cookies');
        writeFileSync(cookieFile, (await cookiesOf(house)).join('\n') + '\n', {mode: 0o600});
        candidates.push({name, port: house.port, pid: house.server.pid, cookieFile});
    }
    const [house] = houses;
    const tls = {
        certificate: join(house.folder, 'site/tls/demo-cert.pem'), key: join(house.folder, 'site/tls/demo-key.pem'),
    };
    for (const [name, launch] of [['nginx', nginxProxy], ['HAProxy', haproxy]]) {
        const port = await freePort();
        const child = await launch(house.folder, port, backendPort, tls);
        closing.push(() => child.kill());
        candidates.push({name, port, pid: child.pid, cookieFile: candidates[0].cookieFile});
    }

    const rows = [];
    for (const connections of counts) {
        const seen = new Map(candidates.map(({name}) => [name, []]));
        const direct = [];
        const disk = [];
        for (let round = 0; round < Number(wanted.rounds); ++round) {
            disk.push(fdatasyncMillis(house.folder));
            if (connections === 1) {
                const plain = await wrk(`http://127.0.0.1:${backendPort}/status`, 1, wanted.seconds,
                    candidates[0].cookieFile, deviceHost);
                direct.push(plain.p50);
            }
            for (const {name, port, pid, cookieFile} of candidates) {
                const before = cpuMicros(pid);
                const result = await wrk(`https://${deviceHost}:${port}/status`, connections, wanted.seconds,
                    cookieFile, `${deviceHost}:${port}`);
                result.cpu = (cpuMicros(pid) - before) / result.requests;
                result.rate = result.requests / result.micros * 1e6;
                if (result.failed) throw new Error(`${name}: ${result.failed} requests failed`);
                seen.get(name).push(result);
            }
        }
        const of = (name, what) => median(seen.get(name).map((each) => each[what]));
        for (const {name} of candidates) {
            rows.push({
                connections, name, rate: of(name, 'rate'), p50: of(name, 'p50'), p99: of(name, 'p99'), cpu: of(name, 'cpu'),
                // Round by round, since a machine's load comes and goes.
                toNginx: median(seen.get(name).map((each, i) => each.rate / seen.get('nginx')[i].rate)),
                toHaproxy: median(seen.get(name).map((each, i) => each.rate / seen.get('HAProxy')[i].rate)),
                cpuToNginx: of(name, 'cpu') / of('nginx', 'cpu'),
                addedMillis: direct.length ? (of(name, 'p50') - median(direct)) / 1000 : undefined,
                fdatasyncMillis: median(disk),
            });
        }
    }

    console.log(`${cpus().length} cores (${cpus()[0].model}), load ${loadavg()[0].toFixed(1)}; ` +
        `${wanted.rounds} rounds of ${wanted.seconds} s each, medians`);
    table(['connections', 'through', 'requests/s', 'of nginx', 'of HAProxy', 'p50 ms', 'p99 ms', 'CPU µs/request', 'CPU to nginx'],
        rows.map((row) => [row.connections, row.name, row.rate.toFixed(0), row.toNginx.toFixed(2), row.toHaproxy.toFixed(2),
            (row.p50 / 1000).toFixed(2), (row.p99 / 1000).toFixed(2), row.cpu.toFixed(0), row.cpuToNginx.toFixed(2)]));

    for (const row of rows) {
        const [target, how] = row.name.endsWith('disk') ? [0.5, 'with recording'] : [0.9, 'without waiting for a disk'];
        if (!row.name.startsWith('Sallyport')) continue;
        if (row.connections > 1) {
            say(row.toNginx >= target,
                `${row.connections} connections, ${how}: ${row.toNginx.toFixed(2)} of nginx, target ${target}`);
        } else if (row.name.endsWith('disk')) {
            const limit = 2 * row.fdatasyncMillis + 0.3;
            say(row.addedMillis <= limit, `1 connection: p50 ${row.addedMillis.toFixed(2)} ms over the backend itself, ` +
                `fdatasync ${row.fdatasyncMillis.toFixed(2)} ms, target 2 x that + 0.3 = ${limit.toFixed(2)} ms`);
        }
    }
    if (wanted.json) writeFileSync(wanted.json, JSON.stringify(rows, null, 2));
} finally {
    for (const close of closing.reverse()) await close();
}
