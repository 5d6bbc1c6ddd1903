// Small things that the benchmarks share.
import {readFileSync, readdirSync} from 'node:fs';

export function median(numbers) {
    const sorted = [...numbers].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// The smallest of them that this share does not exceed.
export function quantile(numbers, share) {
    const sorted = [...numbers].sort((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

// CPU time that a process and its children have used so far, in microseconds.
export function cpuMicros(pid) {
    const ticks = (id) => {
        const fields = readFileSync(`/proc/${id}/stat`, 'utf8').split(') ')[1].split(' ');
        return Number(fields[11]) + Number(fields[12]);
    };
    const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((name) => {
        try {
            return Number(readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1].split(' ')[1]) === pid;
        } catch { return false; }
    });
    return [pid, ...children].reduce((sum, id) => sum + ticks(id), 0) * 10_000;
}

// A missed target is told, not failed: the machine may be busy.
export const say = (met, text) => console.log(`${met ? 'met   ' : 'missed'}  ${text}`);

export function table(head, rows) {
    const cells = [head, ...rows].map((row) => row.map(String));
    const widths = head.map((_, i) => Math.max(...cells.map((row) => row[i].length)));
    for (const row of cells) console.log(row.map((cell, i) => cell.padEnd(widths[i])).join('  ').trimEnd());
}
