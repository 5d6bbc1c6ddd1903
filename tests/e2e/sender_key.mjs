// A sign-in's key and what it signs, as docs/protocols/handoff.md has it: written from that page
// alone, with another implementation of the cryptography than the server's.
import {generateKeyPairSync, sign} from 'node:crypto';

const part = (text) => {
    const bytes = Buffer.from(text);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(bytes.length);
    return Buffer.concat([size, bytes]);
};

export class SenderKey {
    constructor() {
        const {publicKey, privateKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'});
        this.privateKey = privateKey;
        this.publicText = publicKey.export({type: 'spki', format: 'der'}).toString('base64url');
    }

    // `offered`: what GET /handoff answers as JSON.
    handOff({challenge, host, nonce}, origin) {
        const statement = Buffer.concat(['sallyport handoff v1', challenge, host, nonce, origin].map(part));
        return sign('sha256', statement, {key: this.privateKey, dsaEncoding: 'ieee-p1363'}).toString('base64url');
    }
}
