// A whole Sallyport for one test file: sallyport-testable with a clock that the test moves, the
// simulated pump, and the people. Everything real, on free loopback ports, in a folder of its own.
import {execFile, execFileSync, spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, readdirSync, rmSync, existsSync, writeFileSync} from 'node:fs';
import {createConnection} from 'node:net';
import https from 'node:https';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {once} from 'node:events';
import {setTimeout as pause} from 'node:timers/promises';
import {freePort} from '../support/free_port.mjs';
import {SenderKey} from './sender_key.mjs';

export const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
export const build = process.env.SALLYPORT_BUILD ?? join(root, 'build/dev');
export const binary = join(build, 'tests/sallyport-testable');
const pumpBinary = join(build, 'examples/pump/pump');

// How an administrator says that somebody's identity was checked; without it there is no ticket.
export const proofed = {proofing_method: 'in_person', proofing_evidence: 'identity card'};

// Resolves with the first line of a stream that matches; rejects when the process ends first.
function lineOf(child, stream, pattern, log) {
    return new Promise((good, bad) => {
        let text = '';
        const look = (chunk) => {
            text += chunk;
            const match = text.match(pattern);
            if (match) {
                stream.off('data', look);
                good(match);
            }
        };
        stream.on('data', look);
        child.once('exit', (code) => bad(new Error(`ended with ${code}: ${text}\n${log()}`)));
    });
}

export class House {
    // `configure` is given the text of sallyport.toml, and gives back what shall be used.
    // `prepare(house)` makes another site than the demo's, its authority at site/tls/ca.pem.
    // `program`: the shipped binary, for benchmarks; its clock is the machine's.
    static async open({
        pumpArguments = [], configure = (text) => text, environment = {}, prepare, program = binary,
    } = {}) {
        const house = new House();
        house.program = program;
        house.environment = environment;
        house.folder = mkdtempSync(join(tmpdir(), 'sallyport-e2e-'));
        house.port = await freePort();
        house.pumpPort = await freePort();
        house.origin = `https://sallyport.localhost:${house.port}`;
        house.deviceOrigin = `https://pump-07.gate.localhost:${house.port}`;
        house.clockSocket = join(house.folder, 'clock');
        house.config = join(house.folder, 'site/sallyport.toml');
        if (prepare) {
            house.ca = join(house.folder, 'site/tls/ca.pem');
            await prepare(house);
        } else {
            execFileSync(program, ['init', '--demo', '--dir', join(house.folder, 'site'), '--port', String(house.port)]);
            house.ca = join(house.folder, 'site/tls/demo-ca.pem');
        }
        writeFileSync(house.config, configure(readFileSync(house.config, 'utf8'), house));
        house.byteLog = join(house.folder, 'pump-bytes');
        house.pump = spawn(
            pumpBinary,
            ['--bind', '127.0.0.1', '--http-port', String(house.pumpPort), '--hl7-port', '0',
                '--byte-log', house.byteLog, ...pumpArguments],
            {stdio: ['ignore', 'pipe', 'pipe']}
        );
        await house.start();
        return house;
    }

    async start() {
        this.server = spawn(this.program, ['serve', '--config', this.config], {
            env: {
                ...process.env, TEST_CLOCK_SOCKET: this.clockSocket,
                TEST_CLOCK_ADVANCED: String(Math.round((this.offset ?? 0) * 1e6)), ...this.environment,
            },
            stdio: ['ignore', 'pipe', 'pipe'],
        });
        this.log = this.log ?? '';
        this.server.stderr.on('data', (chunk) => { this.log += chunk; });
        this.said = '';
        this.server.stdout.on('data', (chunk) => { this.said += chunk; });
        const code = this.server.stdout;
        await lineOf(this.server, code, /^Ready$/m, () => this.log.slice(-2000));
        this.bootstrapCode = this.said.match(/^One-time code: (.*)$/m)?.[1];
    }

    // A server that ends by itself, or not well when it is asked to, has met an assertion, a
    // sanitizer or a fault: whatever its test looks for.
    async stop(signal = 'SIGTERM') {
        const {server} = this;
        if (server.exitCode === null && server.signalCode === null) {
            server.kill(signal);
            await once(server, 'exit');
            if (signal === 'SIGTERM' && server.signalCode !== null) this.#complain(server.signalCode);
        }
        if (server.exitCode) this.#complain(server.exitCode);
    }

    #complain(how) { throw new Error(`the server ended with ${how}:\n${this.log.slice(-8000)}`); }

    async restart(signal = 'SIGTERM') {
        await this.stop(signal);
        await this.start();
    }

    async close() {
        try {
            await this.stop();
        } finally {
            this.pump.kill('SIGKILL');
            rmSync(this.folder, {recursive: true, force: true});
        }
    }

    // Both clocks of the server go on by this many seconds.
    async advance(seconds) { await this.#clock(`advance ${Math.round(seconds * 1e6)}`); }

    // The wall clock alone is set.
    async stepClock(seconds) { await this.#clock(`step ${Math.round(seconds * 1e6)}`); }

    async #clock(command) {
        const socket = createConnection(this.clockSocket);
        socket.write(command + '\n');
        const [answer] = await once(socket, 'data');
        socket.end();
        if (String(answer) !== 'ok\n') throw new Error(`clock: ${command}: ${answer}`);
        this.offset = (this.offset ?? 0) + Number(command.split(' ')[1]) / 1e6;
    }

    // Every byte that the pump ever received.
    pumpBytes() {
        const names = readdirSync(this.folder).filter((name) => name.startsWith('pump-bytes'));
        return Buffer.concat(names.map((name) => readFileSync(join(this.folder, name))));
    }

    // An authenticator app's code (oathtool) for the server's time; each step is shown once.
    code(person) {
        const now = Math.floor((Date.now() / 1000 + (this.offset ?? 0)) / 30);
        person.step = Math.max(now, (person.step ?? 0) + 1);
        return execFileSync('oathtool', ['--totp', '-b', person.seed, '--now', `@${person.step * 30}`])
            .toString().trim();
    }

    // A code is good once: people wait for the next one, and so does the server's clock here.
    async freshCode(person) {
        const seconds = Date.now() / 1000 + (this.offset ?? 0);
        const due = ((person.step ?? 0) + 1) * 30;
        if (seconds < due) await this.advance(due - seconds + 0.1);
        return this.code(person);
    }

    // A client that is not a browser: JSON over HTTPS with the demo's CA, one cookie jar.
    client() { return new Client(this); }

    // The first administrator, an engineer, an approver and an auditor, each signed in by JSON.
    async people() {
        const people = {anna: {passphrase: 'four lamps over the harbour', role: 'gateway_administrator'}};
        people.anna.client = this.client();
        await people.anna.client.expect('POST', '/api/setup', {
            code: this.bootstrapCode, login_name: 'anna', display_name: 'Anna Admin',
        });
        await this.enrol(people.anna);
        for (const [name, role, passphrase] of [
            ['erik', 'engineer', 'seven grey geese went south'],
            ['paula', 'approver', 'a bell rings under water'],
            ['otto', 'auditor', 'the ferry leaves without us'],
        ]) {
            const made = await people.anna.client.expect('POST', '/api/users', {
                login_name: name, display_name: name, role, ...proofed,
            });
            const person = {name, role, passphrase, client: this.client()};
            people[name] = person;
            await person.client.expect('POST', '/api/enrolment', {ticket: made.ticket.code});
            await this.enrol(person);
        }
        people.anna.name = 'anna';
        return people;
    }

    async enrol(person) {
        const {client} = person;
        const seed = await client.expect('POST', '/api/enrolment/passphrase', {passphrase: person.passphrase});
        person.seed = seed.totp.secret.replaceAll(' ', '');
        const done = await client.expect('POST', '/api/enrolment/totp', {code: this.code(person)});
        person.recoveryCodes = done.recovery_codes;
        client.csrf = done.csrf;
    }

    async signIn(person, client = this.client()) {
        await client.expect('POST', '/api/sign-in', {login_name: person.name, passphrase: person.passphrase});
        const code = await this.freshCode(person);
        const done = await client.expect('POST', '/api/sign-in/code', {code});
        client.csrf = done.csrf;
        return client;
    }

    async stepUp(person) {
        const code = await this.freshCode(person);
        const done = await person.client.expect('POST', '/api/step-up', {code});
        person.client.csrf = done.csrf;
    }

    // Resolves with what `ask` gives once it gives something; real time is only the deadline.
    async until(what, ask, seconds = 10) {
        const end = Date.now() + seconds * 1000;
        for (;;) {
            const answer = await ask();
            if (answer) return answer;
            if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
            await pause(10);  // what is awaited may have to come in by this very process
        }
    }

    // The newest recording, once it is sealed.
    async sealedRecording(reader) {
        return this.until('a sealed recording', async () => {
            const {recordings} = await reader.client.expect('GET', '/api/recordings');
            return recordings[0]?.state === 'sealed' ? recordings[0] : undefined;
        });
    }

    servicePassword() {
        const header = readFileSync(join(root, 'examples/pump/service_password.h'), 'utf8');
        return header.match(/service_password = "(.*)"/)[1];
    }

    async registerPump(anna, profile = undefined, {name = 'pump-07', port = this.pumpPort} = {}) {
        await anna.client.expect('POST', '/api/devices', {
            name, serial: `IP2-${name}`, address: '127.0.0.1', port,
            archetype: 'A2', ephi: 'none', ...(profile ? {profile} : {}),
        });
        await anna.client.expect('POST', `/api/devices/${name}/credential`, {
            user_name: 'service', password: this.servicePassword(),
        });
    }

    // An approved grant for erik, open now.
    async grant(people, {minutes = 60, capabilities = [], device = 'pump-07'} = {}) {
        const now = Date.now() + (this.offset ?? 0) * 1000;
        const asked = await people.erik.client.expect('POST', '/api/grants', {
            device, purpose: 'Quarterly check of the sensor', change_ticket: 'CHG-1042',
            from: new Date(now).toISOString(), until: new Date(now + minutes * 60000).toISOString(),
            capabilities,
        });
        await people.paula.client.expect('POST', `/api/grants/${asked.id}/approve`, {reason: 'Planned'});
        return asked.id;
    }

    // `sallyport` at the terminal, with the given standard input.
    sallyport(commandLine, {input = '', env = {}} = {}) {
        return new Promise((good) => {
            const child = execFile(binary, commandLine, {env: {...process.env, ...env}}, (error, out, err) => {
                good({code: error ? error.code : 0, out, err});
            });
            tell(child, input);
        });
    }

    exists(path) { return existsSync(join(this.folder, path)); }
}

// Gives a program its standard input. One that ends without reading it has said what it wanted by its
// answer: its closed pipe is no failure of the test.
export function tell(child, input) {
    child.stdin.on('error', (error) => { if (error.code !== 'EPIPE') { throw error; } });
    child.stdin.end(input);
}

// Where a session may be opened, and its key comes along.
const endsSignIn = new Set([
    '/api/sign-in', '/api/sign-in/code', '/api/sign-in/key', '/api/sign-in/passkey', '/api/sign-in/push/finish',
    '/api/enrolment/totp', '/api/enrolment/key',
]);

class Client {
    constructor(house) {
        this.house = house;
        this.cookies = new Map();
        this.csrf = '';
        this.agent = false;  // or one that keeps its connection, as a browser does
        this.localAddress = undefined;  // where it calls from, 127.x.y.z
        this.senderKey = new SenderKey();  // as a browser's script makes one; null for none
    }

    // One request to any of the house's hosts; redirects are not followed.
    request(method, url, {json, body, headers = {}, onData} = {}) {
        const target = new URL(url, this.house.origin);
        if (json && this.senderKey && endsSignIn.has(target.pathname)) {
            json = {sender_key: this.senderKey.publicText, ...json};
        }
        const payload = json === undefined ? body : JSON.stringify(json);
        const jar = this.cookies.get(target.hostname) ?? new Map();
        const options = {
            method, host: '127.0.0.1', port: this.house.port, path: target.pathname + target.search,
            servername: target.hostname, ca: readFileSync(this.house.ca), agent: this.agent,
            ...(this.localAddress ? {localAddress: this.localAddress} : {}),
            headers: {
                host: target.host, accept: 'application/json',
                ...(jar.size ? {cookie: [...jar].map(([k, v]) => `${k}=${v}`).join('; ')} : {}),
                ...(json === undefined ? {} : {'content-type': 'application/json'}),
                ...(payload === undefined ? {} : {'content-length': Buffer.byteLength(payload)}),
                ...(this.csrf && method !== 'GET' ? {'x-sallyport-csrf': this.csrf} : {}),
                ...headers,
            },
        };
        return new Promise((good, bad) => {
            const request = https.request(options, (response) => {
                const chunks = [];
                response.on('data', (chunk) => { chunks.push(chunk); onData?.(chunk); });
                response.on('error', bad);
                response.on('end', () => {
                    for (const cookie of response.headers['set-cookie'] ?? []) {
                        const [name, value] = cookie.split(';')[0].split(/=(.*)/s);
                        if (value) jar.set(name, value); else jar.delete(name);
                    }
                    this.cookies.set(target.hostname, jar);
                    const bytes = Buffer.concat(chunks);
                    let parsed;
                    try { parsed = JSON.parse(bytes.toString()); } catch { parsed = undefined; }
                    good({status: response.statusCode, headers: response.headers, body: bytes, json: parsed});
                });
            });
            request.on('error', bad);
            request.setTimeout(20000, () => request.destroy(new Error('no answer in 20 s')));
            request.end(payload);
        });
    }

    async expect(method, path, json) {
        const answer = await this.request(method, path, json === undefined ? {} : {json});
        if (answer.status >= 300) {
            throw new Error(`${method} ${path}: ${answer.status} ${answer.body.toString().slice(0, 400)}`);
        }
        return answer.json;
    }

    // What the script of the page at `url` does (/handoff?host=…&nonce=…): signs, and learns where
    // to go on.
    async handOff(url) {
        const {pathname, search} = new URL(url, this.house.origin);
        const offered = await this.request('GET', pathname + search);
        if (offered.status !== 200) return offered;
        const signature = this.senderKey.handOff(offered.json, this.house.origin);
        return this.request('POST', `/api/handoff${search}`, {json: {challenge: offered.json.challenge, signature}});
    }

    // Follows redirects between the hosts, as a browser does.
    async visit(url, headers = {accept: 'text/html'}) {
        let answer = await this.request('GET', url, {headers});
        for (let hop = 0; hop < 8; ++hop) {
            const isHandoff = answer.status === 200 && url.startsWith(`${this.house.origin}/handoff?`);
            if (!isHandoff && ![302, 303, 307].includes(answer.status)) break;
            if (isHandoff) {
                answer = await this.handOff(url);
                if (answer.status !== 200) break;
                url = answer.json.address;
            } else {
                url = new URL(answer.headers.location, url).href;
            }
            answer = await this.request('GET', url, {headers});
        }
        return answer;
    }
}
