// An issuer of smart cards, made by the openssl command alone: cards, a list of the revoked ones, and
// a responder that answers on loopback. Its keys live as long as the test.
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {freePort} from '../support/free_port.mjs';

const configuration = (port) => `
[ca]
default_ca = cards
[cards]
database = index.txt
serial = serial
crlnumber = crlnumber
new_certs_dir = .
certificate = root.pem
private_key = root.key
default_md = sha256
default_days = 30
default_crl_days = 1
policy = any
unique_subject = no
crl_extensions = list
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[card]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
authorityInfoAccess = OCSP;URI:http://127.0.0.1:${port}/
[responder]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = ignored
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
[list]
authorityKeyIdentifier = keyid:always
`;

export class CardAuthority {
    // `folder` is made; the list that servers read is at `list` in it.
    static async open(folder) {
        const authority = new CardAuthority();
        mkdirSync(folder);
        authority.folder = folder;
        authority.port = await freePort();
        writeFileSync(join(folder, 'ca.conf'), configuration(authority.port));
        writeFileSync(join(folder, 'index.txt'), '');
        writeFileSync(join(folder, 'serial'), '1000\n');
        writeFileSync(join(folder, 'crlnumber'), '01\n');
        authority.#key('root');
        authority.#openssl('req', '-config', 'ca.conf', '-x509', '-new', '-key', 'root.key', '-subj',
            '/CN=Cards of a test', '-days', '60', '-extensions', 'root', '-out', 'root.pem');
        authority.issue('responder', 'responder');
        authority.publish();
        await authority.startResponder();
        return authority;
    }

    get anchors() { return join(this.folder, 'root.pem'); }

    get list() { return join(this.folder, 'cards.crl'); }

    // NAME.pem and NAME.key.
    issue(name, extensions = 'card', more = []) {
        this.#key(name);
        this.#openssl('req', '-config', 'ca.conf', '-new', '-key', `${name}.key`, '-subj', `/CN=${name}`, '-out', `${name}.csr`);
        this.#openssl('ca', '-config', 'ca.conf', '-batch', '-notext', '-extensions', extensions, ...more,
            '-in', `${name}.csr`, '-out', `${name}.pem`);
        return {certificate: join(this.folder, `${name}.pem`), key: join(this.folder, `${name}.key`)};
    }

    revoke(name) { this.#openssl('ca', '-config', 'ca.conf', '-revoke', `${name}.pem`); }

    // One that the responder knows of: it reads what was issued when it starts.
    async card(name) {
        const issued = this.issue(name);
        await this.restartResponder();
        return issued;
    }

    // The list as it is now, in the place of the one before, at once.
    publish() {
        this.#openssl('ca', '-config', 'ca.conf', '-gencrl', '-out', 'fresh.crl');
        renameSync(join(this.folder, 'fresh.crl'), this.list);
    }

    async startResponder() {
        this.responder = spawn('openssl', ['ocsp', '-port', String(this.port), '-index', 'index.txt', '-CA', 'root.pem',
            '-rsigner', 'responder.pem', '-rkey', 'responder.key', '-ndays', '2'],
        {cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe']});
        // It says when it waits. A connection that asks nothing would hold it up for good.
        let said = '';
        for await (const chunk of this.responder.stderr.iterator({destroyOnReturn: false})) {
            said += chunk;
            if (said.includes('waiting for OCSP client connections')) break;
        }
        if (!said.includes('waiting')) throw new Error(`no responder: ${said}`);
        this.responder.stderr.resume();
    }

    async restartResponder() {
        await this.stopResponder();
        await this.startResponder();
    }

    async stopResponder() {
        if (this.responder.exitCode !== null || this.responder.signalCode !== null) return;
        this.responder.kill('SIGKILL');
        await once(this.responder, 'exit');
    }

    #key(name) {
        this.#openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', `${name}.key`);
    }

    #openssl(...words) { execFileSync('openssl', words, {cwd: this.folder, stdio: 'pipe'}); }
}
