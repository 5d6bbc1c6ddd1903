// A loopback port that nobody listens on, and that no outgoing connection can come to hold before the
// program that shall listen on it has started: below the range from which the kernel takes those.
import {randomInt} from 'node:crypto';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {createServer} from 'node:net';

const lowest = 12_000;  // no browser refuses a port from here on
const firstOfOutgoing = Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/)[0]);
const given = new Set();

async function nobodyListens(port) {
    const server = createServer();
    try {
        server.listen(port, '127.0.0.1');
        await once(server, 'listening');
    } catch {
        return false;
    }
    server.close();
    await once(server, 'close');
    return true;
}

export async function freePort() {
    if (firstOfOutgoing < lowest + 1000) {
        throw new Error(`net.ipv4.ip_local_port_range begins at ${firstOfOutgoing}: no room below it for the tests' ports`);
    }
    for (;;) {
        const port = randomInt(lowest, firstOfOutgoing);
        if (given.has(port)) continue;
        given.add(port);
        if (await nobodyListens(port)) return port;
    }
}
