// What people at a ward wait for (S1-16): unlocking with badge and PIN, and signing in with passphrase
// and app code, of the whole server over TLS at the password cost that it chose for this machine.
//
//   node bench/ward/run.mjs [--unlocks 200] [--workstations 10] [--every 5]
//                           [--nurses 100] [--at-once 1,8,50] [--rounds 2]
//
// Times are the client's, on connections that are open: an upper bound of the server's. The build is
// SALLYPORT_BUILD, by default build/bench (bare_hash is there too). A few minutes, since codes change
// every half minute; with --unlocks 20 --nurses 12 --at-once 1,8 --rounds 1 it only shows that it runs.
import {cpus, loadavg} from 'node:os';
import {join} from 'node:path';
import {parseArgs} from 'node:util';

import {say, table} from '../tools.mjs';

const {values} = parseArgs({
    options: {
        unlocks: {type: 'string', default: '200'},
        workstations: {type: 'string', default: '10'},
        every: {type: 'string', default: '5'},
        nurses: {type: 'string', default: '100'},
        'at-once': {type: 'string', default: '1,8,50'},
        rounds: {type: 'string', default: '2'},
    },
});
const levels = values['at-once'].split(',').map(Number);
const [nurses, workstations] = [Number(values.nurses), Number(values.workstations)];
if (nurses < Math.max(workstations, ...levels)) throw new Error('more at once than there are nurses');

const root = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');
process.env.SALLYPORT_BUILD ??= join(root, 'build/bench');
// They look at SALLYPORT_BUILD when they are loaded.
const {House} = await import('../../tests/e2e/house.mjs');
const {Ward} = await import('./ward.mjs');
const {measureUnlocks} = await import('./unlocks.mjs');
const {measureSignIns} = await import('./sign_ins.mjs');

const house = await House.open({program: join(process.env.SALLYPORT_BUILD, 'src/apps/sallyport/sallyport')});
try {
    const ward = await Ward.open(house, {nurses, workstations});
    const unlocks = await measureUnlocks(ward.desks, {count: Number(values.unlocks), seconds: Number(values.every)});
    const signIns = await measureSignIns(house, ward.nurses, {levels, rounds: Number(values.rounds)});

    console.log(`${cpus().length} cores (${cpus()[0].model}), load ${loadavg()[0].toFixed(1)}; times in ms`);
    table(['unlocks', 'from', 'count', 'p50', 'p95', 'p99'], unlocks.rows);
    console.log();
    console.log(`one hash: ${signIns.cost.memory_bytes >> 20} MiB, ${signIns.cost.passes} passes; as many at once: ${signIns.hashThreads}`);
    table(['sign-ins at once', 'count', 'p50', 'p95', 'p99', 'bare hash', 'p50 beyond', 'p95 beyond', 'p99 beyond',
        'sign-ins/s', 'per core', 'bare hashes/s and core'], signIns.rows);
    console.log();
    for (const [good, text] of [...unlocks.verdicts, ...signIns.verdicts]) say(good, text);
} finally {
    await house.close();
}
process.exit();  // connections that are kept would hold it
