// A device that does what a test tells it: one behaviour for each connection, run once the head of
// a request has come. Keeps every byte that it received.
import {createServer} from 'node:net';
import {once} from 'node:events';
import {spawn} from 'node:child_process';

export class ScriptedDevice {
    static async open() {
        const device = new ScriptedDevice();
        device.received = Buffer.alloc(0);
        device.sockets = new Set();
        device.behaviour = wellBehaved;
        await device.listen(0);
        return device;
    }

    async listen(port = this.port) {
        this.server = createServer({allowHalfOpen: true}, (socket) => this.#serve(socket));
        this.server.listen(port, '127.0.0.1');
        await once(this.server, 'listening');
        this.port = this.server.address().port;
    }

    #serve(socket) {
        this.sockets.add(socket);
        socket.on('close', () => this.sockets.delete(socket));
        socket.on('error', () => {});
        socket.on('end', () => { if (!socket.writableEnded) socket.end(); });
        let head = '';
        socket.on('data', (chunk) => {
            this.received = Buffer.concat([this.received, chunk]);
            head += chunk.toString('latin1');
            if (!head.includes('\r\n\r\n')) return;
            const request = head;
            head = '';
            this.behaviour(socket, request);
        });
    }

    // Nobody listens any more; the port stays known.
    async vanish() {
        for (const socket of this.sockets) socket.destroy();
        if (!this.server?.listening) return;
        this.server.close();
        await once(this.server, 'close');
    }

    text() { return this.received.toString('latin1'); }
}

export function wellBehaved(socket) {
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nwell\n');
}

// A port that lets nobody connect and refuses nobody: a listener whose queue is full, so that the
// kernel drops what comes, as a firewall would.
export async function openBlackHole() {
    const script = `
import socket, sys
hole = socket.socket()
hole.bind(('127.0.0.1', 0))
hole.listen(0)
waiting = []
for _ in range(4):
    one = socket.socket()
    one.setblocking(False)
    try:
        one.connect(hole.getsockname())
    except BlockingIOError:
        pass
    waiting.append(one)
print(hole.getsockname()[1], flush=True)
sys.stdin.read()
`;
    const child = spawn('python3', ['-c', script], {stdio: ['pipe', 'pipe', 'inherit']});
    const [line] = await once(child.stdout, 'data');
    return {port: Number(String(line)), close: () => child.kill()};
}
