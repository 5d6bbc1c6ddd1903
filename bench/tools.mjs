// Small things that the benchmarks share.
import {createServer} from 'node:net';
import {once} from 'node:events';

export async function freePort() {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const {port} = server.address();
    server.close();
    await once(server, 'close');
    return port;
}

export function median(numbers) {
    const sorted = [...numbers].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function table(head, rows) {
    const cells = [head, ...rows].map((row) => row.map(String));
    const widths = head.map((_, i) => Math.max(...cells.map((row) => row[i].length)));
    for (const row of cells) console.log(row.map((cell, i) => cell.padEnd(widths[i])).join('  ').trimEnd());
}
