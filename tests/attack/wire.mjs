// Bytes as a stranger sends them, over TLS or plainly, and what came back until the other side
// closed.
import {readFileSync} from 'node:fs';
import {connect as connectPlainly} from 'node:net';
import {connect as connectTls} from 'node:tls';

export function connect(house, {host, port = house.port, tls = true, options = {}} = {}) {
    return tls
        ? connectTls({host: '127.0.0.1', port, servername: host, ca: readFileSync(house.ca), ...options})
        : connectPlainly({host: '127.0.0.1', port});
}

// Sends `bytes` and waits until the server closes. `ends` says that we close our side at once
// (a stranger that stays is what finds out whether the server closes by itself).
export function say(house, {bytes, ends = false, patience = 20_000, ...where}) {
    return new Promise((good) => {
        const socket = connect(house, where);
        const said = {bytes: Buffer.alloc(0), closed: 'never', error: undefined};
        const timer = setTimeout(() => socket.destroy(), patience);
        socket.on('data', (chunk) => { said.bytes = Buffer.concat([said.bytes, chunk]); });
        socket.on('end', () => { said.closed = 'by the server'; socket.end(); });
        socket.on('error', (error) => { said.error = error; said.closed = 'by the server'; });
        socket.on('close', () => {
            clearTimeout(timer);
            said.text = said.bytes.toString('latin1');
            said.statuses = [...said.text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map((match) => Number(match[1]));
            good(said);
        });
        socket.write(bytes);
        if (ends) socket.end();
    });
}
