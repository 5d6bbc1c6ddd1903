// A PIV card for the virtual badge reader: the application, one certificate, and a Card Authentication
// Key (9E, P-256) that signs without a PIN (NIST SP 800-73-4 part 2). It answers in parts, as cards do.
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const select = '00a404000ba00000030800001000010000';
const getCertificate = '00cb3fff055c035fc10100';
const signWithKey = /^0087119e267c2482008120([0-9a-f]{64})00$/;
const partSize = 2 * 200;  // hex digits

function element(tag, content) {
    const size = content.length / 2;
    return `${tag}82${size.toString(16).padStart(4, '0')}${content}`;
}

// OpenSSL's command signs the hash that it is given, as a card does.
export class VirtualPivCard {
    constructor() {
        this.folder = mkdtempSync(join(tmpdir(), 'sallyport-piv-'));
        const file = (name) => join(this.folder, name);
        const openssl = (...words) => execFileSync('openssl', words, {cwd: this.folder, stdio: ['ignore', 'pipe', 'ignore']});
        openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'key.pem');
        openssl('req', '-x509', '-new', '-key', 'key.pem', '-subj', '/CN=Card 7', '-days', '2', '-outform', 'DER', '-out', 'card.der');
        const certificate = readFileSync(file('card.der')).toString('hex');
        this.object = element('53', `${element('70', certificate)}710100fe00`);
        this.asked = [];
        this.signed = 0;
        this.openssl = openssl;
        this.rest = '';
    }

    // For VirtualBadgeReader.put().
    get applet() { return (command) => this.answer(command); }

    answer(command) {
        this.asked.push(command);
        if (command === select) return '61114f0600001000010079074f05a0000003089000';
        if (command === getCertificate) return this.#part(this.object);
        if (command.startsWith('00c00000')) return this.#part(this.rest);
        const signing = signWithKey.exec(command);
        if (!signing) return '6a82';
        this.signed += 1;
        const signature = execFileSync('openssl', ['pkeyutl', '-sign', '-inkey', 'key.pem'],
            {cwd: this.folder, input: Buffer.from(signing[1], 'hex'), stdio: ['pipe', 'pipe', 'ignore']}).toString('hex');
        const size = (digits) => (digits.length / 2).toString(16).padStart(2, '0');
        const inner = `82${size(signature)}${signature}`;
        return `7c${size(inner)}${inner}9000`;
    }

    #part(hex) {
        this.rest = hex.slice(partSize);
        return hex.slice(0, partSize) + (this.rest ? '6100' : '9000');
    }

    close() { rmSync(this.folder, {recursive: true, force: true}); }
}
