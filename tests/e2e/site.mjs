// A site as an operator makes it: `sallyport init` without --demo, and certificates of an
// authority of their own.
import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {binary} from './house.mjs';

const openssl = (folder, ...words) => execFileSync('openssl', words, {cwd: folder, stdio: 'pipe'});
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export function makeAuthority(folder, file = 'ca') {
    openssl(
        folder, 'req', '-x509', ...newKey, '-keyout', `${file}.key`, '-out', `${file}.pem`, '-days', '365',
        '-subj', '/CN=Authority of a test', '-addext', 'basicConstraints=critical,CA:TRUE,pathlen:0',
        '-addext', 'keyUsage=critical,keyCertSign,cRLSign'
    );
}

// NAME.pem and NAME.key in `folder`, good for `hosts`.
export function issueCertificate(folder, name, hosts, {authority = 'ca', days = 90} = {}) {
    writeFileSync(join(folder, `${name}.ext`), [
        'basicConstraints=critical,CA:FALSE', 'keyUsage=critical,digitalSignature', 'extendedKeyUsage=serverAuth',
        `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(',')}`,
        // Where this authority would tell what it revoked; nobody here asks.
        'crlDistributionPoints=URI:http://crl.example.org/test.crl', '',
    ].join('\n'));
    openssl(folder, 'req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${hosts[0]}`);
    openssl(
        folder, 'x509', '-req', '-in', `${name}.csr`, '-CA', `${authority}.pem`, '-CAkey', `${authority}.key`,
        '-CAcreateserial', '-days', String(days), '-extfile', `${name}.ext`, '-out', `${name}.pem`
    );
}

export function changeSettings(house, change) {
    const file = join(house.folder, 'site/sallyport.toml');
    writeFileSync(file, change(readFileSync(file, 'utf8')));
}

// For House.open({prepare}): people come to house.port; the server listens at `port` of loopback,
// which is the same unless somebody stands in front. `listen` is more of [listen].
export function realSite({port, listen = '', demo = false} = {}) {
    return async (house) => {
        const site = join(house.folder, 'site');
        execFileSync(binary, [
            'init', '--dir', site, '--host', 'sallyport.localhost', '--device-suffix', 'gate.localhost',
            '--port', String(house.port),
        ]);
        changeSettings(house, (text) => text
            .replace(/^https = .*$/m, `https = "127.0.0.1:${port ?? house.port}"\n${listen}`)
            .replace('demo = false', `demo = ${demo}`));
        const tls = join(site, 'tls');
        makeAuthority(tls);
        issueCertificate(tls, 'sallyport.localhost', ['sallyport.localhost']);
        issueCertificate(tls, 'gate.localhost', ['*.gate.localhost']);
    };
}
