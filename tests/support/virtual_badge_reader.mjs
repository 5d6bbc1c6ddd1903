// A contactless reader that is not there, and cards on it: a pcscd of our own on a socket of our own,
// with vsmartcard's virtual reader behind it. A card is a connection to that reader; what it is asked
// comes with its length in two bytes, and of one byte: 0 off, 1 on, 2 reset, 4 answer to reset.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {connect} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {freePort} from './free_port.mjs';

const driver = '/usr/lib/pcsc/drivers/serial/libifdvpcd.so';
const answerToReset = '3B8F8001804F0CA000000306030001000000006A';
const getUid = 'ffca000000';
const patience = 30_000;  // milliseconds until a reader that does not begin has failed

export class VirtualBadgeReader {
    static async open() {
        const reader = new VirtualBadgeReader();
        reader.folder = mkdtempSync(join(tmpdir(), 'sallyport-pcsc-'));
        reader.socket = join(reader.folder, 'pcscd.comm');
        reader.port = await freePort();
        writeFileSync(join(reader.folder, 'reader.conf'), [
            'FRIENDLYNAME "Virtual PCD"', `DEVICENAME /dev/null:${reader.port}`, `LIBPATH ${driver}`,
            `CHANNELID ${reader.port}`, '',
        ].join('\n'));
        await reader.plugIn();
        return reader;
    }

    // What a program needs to find it.
    get environment() { return {PCSCLITE_CSOCK_NAME: this.socket}; }

    // pcscd takes its socket from whoever starts it, as from systemd.
    async plugIn() {
        rmSync(this.socket, {force: true});
        this.service = spawn('systemd-socket-activate', [
            '-l', this.socket, '/usr/sbin/pcscd', '--foreground', '--config', join(this.folder, 'reader.conf'),
        ], {stdio: ['ignore', 'pipe', 'pipe']});
        this.said = '';
        for (const stream of [this.service.stdout, this.service.stderr]) {
            stream.on('data', (chunk) => { this.said += chunk; });
        }
        await this.#soon('pcscd has no socket', () => existsSync(this.socket));
    }

    // A reader that never comes fails the test that needs it, with what pcscd said, and no later one.
    async #soon(otherwise, ask) {
        const end = Date.now() + patience;
        for (;;) {
            const answer = await ask();
            if (answer) return answer;
            if (Date.now() > end) throw new Error(`${otherwise} within ${patience / 1000} s; it said: ${this.said}`);
            await pause(20);
        }
    }

    // A connection to the reader; undefined while nobody listens there.
    async #connected() {
        const card = connect(this.port, '127.0.0.1');
        try {
            await once(card, 'connect');
            return card;
        } catch {
            return undefined;
        }
    }

    async unplug() {
        await this.takeAway();
        const {service} = this;
        if (service.exitCode !== null || service.signalCode !== null) return;
        service.kill('SIGTERM');
        await once(service, 'exit');
    }

    // `uid` in hex; without one the card says that it has none, as one with contacts does. `applet`: what
    // else the card can be asked (hex to hex; nothing for what it does not know).
    async put(uid, applet = () => undefined) {
        await this.takeAway();
        // pcscd begins with the first program that asks it.
        this.card = await this.#soon(`pcscd has no reader on port ${this.port}`, () => this.#connected());
        let rest = Buffer.alloc(0);
        const {card} = this;
        const say = (hex) => {
            const bytes = Buffer.from(hex, 'hex');
            card.write(Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]));
        };
        card.on('error', () => {});
        card.on('data', (chunk) => {
            rest = Buffer.concat([rest, chunk]);
            while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
                const size = rest.readUInt16BE(0);
                const asked = rest.subarray(2, 2 + size);
                rest = rest.subarray(2 + size);
                if (size === 1) {
                    if (asked[0] === 4) say(answerToReset);
                } else {
                    const hex = asked.toString('hex');
                    say(uid && hex === getUid ? `${uid}9000` : applet(hex) ?? '6a81');
                }
            }
        });
    }

    async takeAway() {
        if (!this.card) return;
        this.card.destroy();
        this.card = undefined;
        await pause(1);
    }

    async close() {
        await this.unplug();
        rmSync(this.folder, {recursive: true, force: true});
    }
}
