// A house with a card host, its issuer made by the openssl command, and the way there and back as a
// browser with a certificate goes it.
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {join} from 'node:path';
import {CardAuthority} from './card_authority.mjs';
import {House} from './house.mjs';
import {issueCertificate, realSite} from './site.mjs';
import {freePort} from '../support/free_port.mjs';

export const cardHost = 'card.localhost';

// {house, authority, port}; `more`: further lines of [card], by the authority.
export async function openCardHouse(more) {
    const port = await freePort();
    let authority;
    const prepare = async (made) => {
        await realSite({demo: true})(made);
        issueCertificate(join(made.folder, 'site/tls'), 'card.localhost', [cardHost]);
        authority = await CardAuthority.open(join(made.folder, 'cards'));
    };
    const configure = (text) => `${text}
[card]
listen = "127.0.0.1:${port}"
host = "${cardHost}"
certificate = "tls/card.localhost.pem"
key = "tls/card.localhost.key"
anchors = "${authority.anchors}"
${more(authority)}
`;
    try {
        return {house: await House.open({prepare, configure}), authority, port};
    } catch (error) {
        await authority?.stopResponder();
        throw error;
    }
}

// curl at the card host: its exit code, and where it is sent.
export function curl({house, port}, url, shown) {
    const words = ['--silent', '--cacert', house.ca, '--resolve', `${cardHost}:${port}:127.0.0.1`,
        '--output', '/dev/null', '--write-out', '%{http_code} %{redirect_url}',
        ...shown ? ['--cert', shown.certificate, '--key', shown.key] : [], url];
    return new Promise((good) => {
        execFile('curl', words, (error, out) => {
            const [status, location] = out.split(' ');
            good({exit: error ? error.code : 0, status: Number(status), location});
        });
    });
}

// From the sign-in host over the card host and back; the answer there.
export async function show(cards, client, path, shown, body = {}) {
    const {location} = await client.expect('POST', path, body);
    const there = await curl(cards, location, shown);
    assert.equal(there.status, 303, `${there.exit} ${there.status}`);
    return client.request('GET', there.location);
}
