// FIDO's list of authenticator models as a test writes it, signed under a root of the test's own.
import {execFileSync} from 'node:child_process';
import {createPrivateKey, sign, X509Certificate} from 'node:crypto';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

const openssl = (...words) => execFileSync('openssl', words, {stdio: ['ignore', 'pipe', 'pipe']});

// {certificate, key}: paths.
export function authority(folder, name) {
    const [certificate, key] = ['pem', 'key'].map((kind) => join(folder, `${name}.${kind}`));
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate,
        '-subj', `/CN=${name}`, '-days', '3650', '-addext', 'keyUsage=critical,keyCertSign');
    return {certificate, key};
}

// Who signs lists for FIDO, as the public sees it.
function signedBy(folder, issuer) {
    const file = (kind) => join(folder, `signer.${kind}`);
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', file('key'), '-out', file('csr'), '-subj', '/CN=Metadata');
    writeFileSync(file('ext'), 'basicConstraints=CA:FALSE\nsubjectAltName=DNS:mds.fidoalliance.org\n');
    openssl('x509', '-req', '-in', file('csr'), '-CA', issuer.certificate, '-CAkey', issuer.key, '-set_serial', '7',
        '-days', '3650', '-extfile', file('ext'), '-out', file('pem'));
    return {certificate: file('pem'), key: createPrivateKey(readFileSync(file('key')))};
}

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const inThirtyDays = () => new Date(Date.now() + 30 * 86400e3).toISOString().slice(0, 10);

// `roots`: certificates (DER) under which keys of that model attest.
export const model = (aaguid, status = 'FIDO_CERTIFIED_L1', roots = []) => ({
    aaguid,
    metadataStatement: {description: 'Key', attestationRootCertificates: roots.map((der) => der.toString('base64'))},
    statusReports: [{status, effectiveDate: '2024-01-01'}], timeOfLastStatusChange: '2024-01-01',
});

export class MetadataLists {
    constructor(house) {
        this.house = house;
        this.root = authority(house.folder, 'root');
        this.signer = signedBy(house.folder, this.root);
    }

    signed({no, nextUpdate = inThirtyDays(), models}) {
        const der = new X509Certificate(readFileSync(this.signer.certificate)).raw.toString('base64');
        const header = base64url({alg: 'RS256', typ: 'JWT', x5c: [der]});
        const text = `${header}.${base64url({legalHeader: 'x', no, nextUpdate, entries: models})}`;
        return `${text}.${sign('sha256', Buffer.from(text), this.signer.key).toString('base64url')}`;
    }

    // What the command line says of it.
    imported(text, ...words) {
        const source = join(this.house.folder, 'blob.jwt');
        writeFileSync(source, text);
        return this.house.sallyport([
            'authenticator-metadata', 'import', source, '--config', this.house.config, '--reason', 'monthly, CHG-12', ...words,
        ]);
    }
}
