// A real mail server (aiosmtpd) with a certificate of its own; and raw ones that keep no rule.
import {execFileSync, spawn} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {once} from 'node:events';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {root} from './house.mjs';

export class MailServer {
    static async open() {
        const server = new MailServer();
        server.folder = mkdtempSync(join(tmpdir(), 'sallyport-mail-'));
        const [key, certificate] = [join(server.folder, 'key.pem'), join(server.folder, 'certificate.pem')];
        execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
            '-keyout', key, '-out', certificate, '-days', '2', '-subj', '/CN=localhost',
            '-addext', 'subjectAltName=DNS:localhost'], {stdio: 'pipe'});
        server.certificate = certificate;
        server.password = join(server.folder, 'password');
        writeFileSync(server.password, "a relay of one's own\n", {mode: 0o600});
        server.taken = [];
        server.hangs = 0;
        // Debian's own Python, whose package it is.
        server.process = spawn('/usr/bin/python3', [join(root, 'tests/e2e/mail_server.py'), certificate, key],
            {stdio: ['pipe', 'pipe', 'inherit']});
        server.ways = [];
        const lines = createInterface({input: server.process.stdout});
        const [first] = await once(lines, 'line');
        server.port = Number(first.match(/^Port: (\d+)$/)[1]);
        lines.on('line', (line) => {
            const said = JSON.parse(line);
            if (said.now) server.ways.shift()?.();
            else if (said.hanging) ++server.hangs;
            else server.taken.push(said);
        });
        return server;
    }

    // Resolves once it behaves so.
    behave(way) {
        const done = new Promise((good) => { this.ways.push(good); });
        this.process.stdin.write(way + '\n');
        return done;
    }

    configuration(tls = 'starttls', port = this.port) {
        return `\n[mail]\nserver = "localhost"\nport = ${port}\ntls = "${tls}"\nfrom = "sallyport@hospital.example"\n`
            + `user = "sallyport"\npassword = "file:${this.password}"\nca_file = "${this.certificate}"\n`;
    }

    async close() {
        if (this.process.exitCode === null) {
            this.process.kill();
            await once(this.process, 'exit');
        }
        rmSync(this.folder, {recursive: true, force: true});
    }
}

// What a reader sees, by Python's e-mail parser rather than ours.
export function opened(message) {
    return JSON.parse(execFileSync('/usr/bin/python3', ['-c', `
import sys, json, email, email.policy
mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
print(json.dumps({"headers": [[k, str(v)] for k, v in mail.items()], "defects": [str(d) for d in mail.defects],
    "subject": mail["subject"], "id": mail["message-id"], "body": mail.get_content()}))`], {input: message}));
}
