// Sign-ins with passphrase and app code, both forms, beside the bare hash of the same cost; and the
// server's memory while many sign in at once.
import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {availableParallelism} from 'node:os';
import {join} from 'node:path';

import {cpuMicros, median, quantile} from '../tools.mjs';
import {codesDue, firstForm, nextCode, secondForm, signOut} from './ward.mjs';

const targetMillis = 1000;  // S1-16, beyond the hash
const mebibyte = 1 << 20;
// What each sign-in under way may hold beside the hashes; its connection is open before.
const kibEach = 200;
// As many hashes run at once as the pool has threads (src/edge/http/work_pool.h).
const hashThreads = Math.max(1, availableParallelism() - 1);

// What the server measured at its first start.
const passwordCost = (house) => JSON.parse(readFileSync(join(house.folder, 'site/data/password-cost.json'), 'utf8'));

// Milliseconds on the wall and of CPU, of each.
function bareHashes({memory_bytes, passes}, count) {
    const program = join(process.env.SALLYPORT_BUILD, 'bench/bare_hash');
    const said = execFileSync(program, [memory_bytes, passes, count].map(String)).toString();
    return said.trim().split('\n').map((line) => line.split(' ').map(Number));
}

async function signIn(person) {
    const {client} = person;
    const begun = performance.now();
    await firstForm(person, client);
    const between = performance.now();
    const code = nextCode(person);
    const again = performance.now();
    await secondForm(person, client, code);
    return between - begun + performance.now() - again;
}

// Everybody once, so many at a time.
async function round(people, atOnce, times) {
    const waiting = [...people];
    await Promise.all(Array.from({length: atOnce}, async () => {
        for (let person = waiting.shift(); person; person = waiting.shift()) times.push(await signIn(person));
    }));
}

// Outside what is timed: fresh codes, and a browser with the form open on its connection.
async function getReady(people) {
    await codesDue(people);
    for (const {client} of people) await client.request('GET', '/sign-in', {headers: {accept: 'text/html'}});
}

const statusKib = (pid, name) =>
    Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(new RegExp(`^${name}:\\s+(\\d+)`, 'm'))[1]);

// From here on VmHWM is the peak of what follows.
const forgetPeak = (pid) => writeFileSync(`/proc/${pid}/clear_refs`, '5');

async function level(house, cost, people, atOnce, rounds) {
    const {pid} = house.server;
    const hashes = bareHashes(cost, 10);  // and after, since a machine's load comes and goes
    const times = [];
    let [wall, cpu, grown, peak] = [0, 0, 0, 0];
    for (let i = 0; i < rounds; ++i) {
        await getReady(people);
        forgetPeak(pid);
        const idle = statusKib(pid, 'VmRSS');
        const cpuBefore = cpuMicros(pid);
        const begun = performance.now();
        await round(people, atOnce, times);
        wall += performance.now() - begun;
        cpu += (cpuMicros(pid) - cpuBefore) / 1000;
        peak = Math.max(peak, statusKib(pid, 'VmHWM'));
        grown = Math.max(grown, statusKib(pid, 'VmHWM') - idle);
        for (const person of people) await signOut(person);
    }
    hashes.push(...bareHashes(cost, 10));
    const hash = {wall: median(hashes.map(([each]) => each)), cpu: median(hashes.map(([, each]) => each))};
    const count = times.length;
    return {
        atOnce, hash, times, rate: count / wall * 1000, ratePerCore: count / cpu * 1000, peak, grown,
    };
}

function timeVerdict({atOnce, hash, times}) {
    const beyond = quantile(times, 0.95) - hash.wall;
    const line = Math.ceil(atOnce / hashThreads) - 1;
    const waiting = line ? ` (hashes of up to ${line} others before it: ${(line * hash.wall).toFixed(0)} ms)` : '';
    return [beyond <= targetMillis,
        `sign-in, ${atOnce} at once: p95 ${beyond.toFixed(0)} ms beyond its hash${waiting}, target ${targetMillis} ms`];
}

function memoryVerdict({atOnce, peak, grown}, cost) {
    const hashes = Math.min(atOnce, hashThreads);
    const each = cost.memory_bytes / mebibyte;
    const cap = hashes * each + atOnce * kibEach / 1024;
    return [grown / 1024 <= cap,
        `memory, ${atOnce} at once: peak (VmHWM) ${(peak / 1024).toFixed(1)} MiB, ${(grown / 1024).toFixed(1)} MiB over idle; ` +
        `cap ${cap.toFixed(1)} MiB: ${hashes} x ${each} MiB for hashes and ${kibEach} KiB for each sign-in`];
}

// Rows and verdicts of `rounds` times everybody at each of `levels`, so many at once.
export async function measureSignIns(house, people, {levels, rounds}) {
    const cost = passwordCost(house);
    const rows = [];
    const verdicts = [];
    for (const person of people) await signOut(person);
    for (const atOnce of levels) {
        const seen = await level(house, cost, people, atOnce, rounds);
        const {hash, times} = seen;
        const quantiles = [0.5, 0.95, 0.99].map((q) => quantile(times, q));
        rows.push([
            atOnce, times.length, ...quantiles.map((each) => each.toFixed(0)), hash.wall.toFixed(0),
            ...quantiles.map((each) => (each - hash.wall).toFixed(0)),
            seen.rate.toFixed(1), seen.ratePerCore.toFixed(1), (1000 / hash.cpu).toFixed(1),
        ]);
        verdicts.push(timeVerdict(seen));
        if (atOnce === Math.max(...levels)) verdicts.push(memoryVerdict(seen, cost));
    }
    return {rows, verdicts, cost, hashThreads};
}
