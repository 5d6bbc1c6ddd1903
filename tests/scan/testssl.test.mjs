// testssl.sh against the port as served. What it finds of WARN, LOW or above fails, unless
// testssl_accepted.json says why it may stand.
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House} from '../e2e/house.mjs';
import {realSite} from '../e2e/site.mjs';

const fine = new Set(['DEBUG', 'INFO', 'OK']);
const accepted = JSON.parse(readFileSync(new URL('testssl_accepted.json', import.meta.url)));
const seconds_max = 240;  // on a busy machine; about 40 on two idle cores
let house, scans;

// Both at once, each bounded: the checks are named, since all of them take minutes.
function scan(url, checks) {
    const file = join(house.folder, `${new URL(url).hostname}.json`);
    const words = [
        '--quiet', '--color', '0', '--warnings', 'off', '--jsonfile', file, '--add-ca', house.ca,
        '--ip', '127.0.0.1', '--nodns', 'none', '--openssl-timeout', '5', '--connect-timeout', '5',
        ...checks, url,
    ];
    return new Promise((good, bad) => {
        // Not in the repository: testssl asks git there for a version of its own.
        const options = {cwd: house.folder, timeout: seconds_max * 1000, killSignal: 'SIGKILL', maxBuffer: 1 << 24};
        execFile('testssl', words, options, (error, out, errors) => {
            if (error?.killed) bad(new Error(`testssl took longer than ${seconds_max} s:\n${out.slice(-800)}`));
            // Its exit code counts findings; that it ran at all shows in its file.
            else if (!existsSync(file)) bad(new Error(`testssl did not run: ${error?.message}\n${errors.slice(-800)}`));
            else good(readFileSync(file, 'utf8'));
        });
    }).then(JSON.parse);
}

before(async () => {
    house = await House.open({prepare: realSite()});
    const everything = ['-p', '-s', '-f', '-P', '-S', '-h', '-U'];
    const ofTheCertificate = ['-p', '-S', '-h'];
    const [console_, device] = await Promise.all([
        scan(house.origin, everything), scan(house.deviceOrigin, ofTheCertificate),
    ]);
    scans = {console: console_, device};
});

after(async () => { await house?.close(); });

for (const host of ['console', 'device']) {
    test(`testssl finds nothing of LOW or above at the ${host} host without a written reason`, () => {
        const wrong = scans[host].filter((one) => !fine.has(one.severity)).filter((one) =>
            !accepted.some((entry) => entry.id === one.id && ['any', host].includes(entry.host) && entry.reason));
        assert.deepEqual(wrong.map(({severity, id, finding}) => `${severity} ${id}: ${finding}`), []);
    });
}

test('S1-13 (part): testssl saw TLS 1.2 and 1.3 alone, forward secrecy, and a certificate that holds', () => {
    const severity = (host, id) => scans[host].find((one) => one.id === id)?.severity;
    for (const host of ['console', 'device']) {
        for (const id of ['SSLv2', 'SSLv3', 'TLS1_2', 'TLS1_3', 'cert_chain_of_trust', 'cert_trust', 'HSTS_time']) {
            assert.equal(severity(host, id), 'OK', `${id} at the ${host} host`);
        }
        const finding = (id) => scans[host].find((one) => one.id === id)?.finding;
        assert.equal(finding('TLS1'), 'not offered');
        assert.equal(finding('TLS1_1'), 'not offered');
    }
    for (const id of ['PFS', 'cipherlist_STRONG', 'cipher_order', 'heartbleed', 'ROBOT', 'LUCKY13', 'secure_client_renego']) {
        assert.equal(severity('console', id), 'OK', id);
    }
});
