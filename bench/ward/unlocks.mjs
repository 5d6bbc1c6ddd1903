// Unlocks with badge and PIN: the tap on the way out, the tap on the way back, the page that asks for
// the PIN, and the PIN.
import {setTimeout as pause} from 'node:timers/promises';

import {quantile} from '../tools.mjs';
import {pinPage, tap, typePin} from '../../tests/e2e/ward.mjs';

const targetMillis = 300;  // S1-16

async function unlock(desk) {
    await tap(desk, 'locked');
    const begun = performance.now();
    await tap(desk, 'asks_for_pin');
    const id = await pinPage(desk);
    const asked = performance.now();
    await typePin(desk, id);
    const opened = performance.now();
    return {toPage: asked - begun, toSession: opened - asked, both: opened - begun};
}

const oneAtATime = async (desks, count, seen) => {
    for (let i = 0; i < count; ++i) seen.push(await unlock(desks[i % desks.length]));
};

// Everybody again and again without a pause: as bad as that many workstations can make it.
const allAtOnce = async (desks, count, seen) => {
    const each = Math.ceil(count / desks.length);
    await Promise.all(desks.map(async (desk) => {
        for (let i = 0; i < each; ++i) seen.push(await unlock(desk));
    }));
};

// Everybody once in each span of that many seconds, at any moment of it.
const spread = (seconds) => async (desks, count, seen) => {
    const each = Math.ceil(count / desks.length);
    const begun = performance.now();
    await Promise.all(desks.map(async (desk) => {
        for (let i = 0; i < each; ++i) {
            const due = (i + Math.random()) * seconds * 1000;
            await pause(Math.max(0, begun + due - performance.now()));
            seen.push(await unlock(desk));
        }
    }));
};

// Rows and verdicts of `count` unlocks under each load.
export async function measureUnlocks(desks, {count, seconds}) {
    const loads = [
        ['one at a time', oneAtATime],
        [`${desks.length} workstations, each about every ${seconds} s`, spread(seconds)],
        [`${desks.length} workstations at once, without a pause`, allAtOnce],
    ];
    const rows = [];
    const verdicts = [];
    for (const [load, run] of loads) {
        const seen = [];
        await run(desks, count, seen);
        for (const [what, part] of [['tap to the page for the PIN', 'toPage'], ['PIN to the session', 'toSession'], ['both', 'both']]) {
            const times = seen.map((each) => each[part]);
            rows.push([load, what, times.length, ...[0.5, 0.95, 0.99].map((q) => quantile(times, q).toFixed(1))]);
        }
        const p95 = quantile(seen.map(({both}) => both), 0.95);
        verdicts.push([p95 <= targetMillis, `badge unlock, ${load}: p95 ${p95.toFixed(0)} ms, target ${targetMillis} ms`]);
    }
    return {rows, verdicts};
}
