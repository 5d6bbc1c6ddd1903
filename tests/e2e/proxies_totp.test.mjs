// nginx and HAProxy in front of Sallyport, as strangers: what the audit log says of where people
// came from, with the proxy listed and unlisted. Every party has a loopback address of its own.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {connect} from 'node:net';
import {join} from 'node:path';
import {after, test} from 'node:test';
import {connect as connectTls} from 'node:tls';
import {House} from './house.mjs';
import {changeSettings, realSite} from './site.mjs';
import {freePort} from '../support/free_port.mjs';

const clientAddress = '127.0.0.9';
const proxyAddress = '127.0.0.3';
const houses = [];

after(async () => {
    for (const house of houses) {
        await stopProxy(house);
        await house.close();
    }
});

// Asked, not killed: nginx's master takes its workers along.
async function stopProxy(house) {
    if (!house.proxy || house.proxy.exitCode !== null || house.proxy.signalCode !== null) return;
    house.proxy.kill('SIGTERM');
    await once(house.proxy, 'exit');
}

function start(house, command, words) {
    const child = spawn(command, words, {stdio: ['ignore', 'pipe', 'pipe']});
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { said += chunk; });
    house.proxy = child;
    return house.until(`${command} listens`, async () => {
        if (child.exitCode !== null) throw new Error(`${command} ended: ${said}`);
        const socket = connect(house.port, '127.0.0.1');
        const open = await Promise.race([
            once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false),
        ]).catch(() => false);
        socket.destroy();
        return open;
    });
}

function haproxy(house) {
    const file = join(house.folder, 'haproxy.cfg');
    writeFileSync(file, `defaults
    mode tcp
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend door
    bind 127.0.0.1:${house.port}
    default_backend sallyport
backend sallyport
    source ${proxyAddress}
    server one 127.0.0.1:${house.backPort} send-proxy-v2
`);
    return start(house, 'haproxy', ['-db', '-f', file]);
}

// `tells` is how nginx says whom it speaks for.
function nginx(house, tells) {
    const folder = join(house.folder, 'nginx');
    const tls = join(house.folder, 'site/tls');
    mkdirSync(folder);
    const server = (name, certificate) => `
    server {
        listen 127.0.0.1:${house.port} ssl;
        server_name ${name};
        ssl_certificate ${tls}/${certificate}.pem;
        ssl_certificate_key ${tls}/${certificate}.key;
        location / {
            proxy_pass https://127.0.0.1:${house.backPort};
            proxy_bind ${proxyAddress};
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            ${tells}
            proxy_ssl_server_name on;
            proxy_ssl_name $host;
            proxy_ssl_verify on;
            proxy_ssl_trusted_certificate ${house.ca};
        }
    }`;
    writeFileSync(join(folder, 'nginx.conf'), `daemon off;
pid ${folder}/pid;
error_log stderr warn;
worker_processes 1;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path ${folder}/body;
    proxy_temp_path ${folder}/proxy;
    fastcgi_temp_path ${folder}/fastcgi;
    uwsgi_temp_path ${folder}/uwsgi;
    scgi_temp_path ${folder}/scgi;
    ${server('sallyport.localhost', 'sallyport.localhost')}
    ${server('*.gate.localhost', 'gate.localhost')}
}
`);
    return start(house, 'nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr']);
}

const forwardedFor = 'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;';
const forwarded = 'proxy_set_header Forwarded "for=$remote_addr;proto=https";';

// The site behind a proxy that is up.
async function behind(proxy, listen) {
    const backPort = await freePort();
    const house = await House.open({prepare: realSite({port: backPort, listen, demo: true})});
    houses.push(house);
    house.backPort = backPort;
    await proxy(house);
    return house;
}

// A client whose every request has these fields.
const caller = (house, headers) => {
    const client = house.client();
    client.localAddress = clientAddress;
    const plain = client.request.bind(client);
    client.request = (method, url, options = {}) =>
        plain(method, url, {...options, headers: {...headers, ...options.headers}});
    return client;
};

// Where the audit log says that the first start was finished from.
async function sourcesOnRecord(house, headers = {}) {
    const anna = {name: 'anna', passphrase: 'four lamps over the harbour', client: caller(house, headers)};
    await anna.client.expect('POST', '/api/setup', {
        code: house.bootstrapCode, login_name: 'anna', display_name: 'Anna Admin',
    });
    await house.enrol(anna);
    const {events} = await anna.client.expect('GET', '/api/audit?type=bootstrap');
    assert.ok(events.length > 0);
    return [...new Set(events.map((event) => event.source).filter((one) => one !== 'local'))];
}

const list = `trusted_proxies = ["${proxyAddress}"]\n`;

test('behind HAProxy with PROXY protocol v2, listed: the audit log has the client\'s address', async () => {
    const house = await behind(haproxy, `${list}proxy_protocol = true\n`);
    const sources = await sourcesOnRecord(house, {'x-forwarded-for': '198.51.100.66'});
    assert.deepEqual(sources, [clientAddress], 'what the client itself says is not believed');
});

test('behind HAProxy, a device host works too, and the visit is on record from the client\'s address', async () => {
    const house = await behind(haproxy, `${list}proxy_protocol = true\n`);
    const people = await house.people();
    await house.registerPump(people.anna);
    await house.grant(people);
    people.erik.client.localAddress = clientAddress;
    await people.erik.client.expect('POST', '/api/notice', {});
    const answer = await people.erik.client.visit(`${house.deviceOrigin}/`);
    assert.equal(answer.status, 200, answer.body.toString().slice(0, 300));
    const {events} = await people.otto.client.expect('GET', '/api/audit?type=pam.connect');
    assert.deepEqual(events.map((event) => event.source), [clientAddress]);
});

test('a PROXY header from an unlisted peer is refused, and so is a listed peer without one', async () => {
    // The right header, from somebody who is not on the list: not TLS, so nothing is answered.
    const house = await behind(haproxy, '');
    await assert.rejects(caller(house, {}).request('GET', '/health/live'));
    await stopProxy(house);

    // Straight to the server, without a proxy: the list is empty, so this is how it is meant.
    const straight = (from) => new Promise((good) => {
        const socket = connectTls({
            host: '127.0.0.1', port: house.backPort, localAddress: from, servername: 'sallyport.localhost',
            ca: readFileSync(house.ca),
        }, () => { good('open'); socket.destroy(); });
        socket.on('error', () => good('refused'));
        socket.on('close', () => good('refused'));
    });
    assert.equal(await straight(proxyAddress), 'open');
    changeSettings(house, (text) => text.replace('[listen]', `[listen]\n${list}proxy_protocol = true`));
    await house.restart();
    assert.equal(await straight(proxyAddress), 'refused', 'a listed peer must say for whom it speaks');
    assert.equal(await straight(clientAddress), 'open', 'others need not');
});

for (const [how, tells] of [['X-Forwarded-For', forwardedFor], ['Forwarded', forwarded]]) {
    test(`behind nginx with ${how}, listed: the audit log has the client's address`, async () => {
        const house = await behind((at) => nginx(at, tells), list);
        const sources = await sourcesOnRecord(house);
        assert.deepEqual(sources, [clientAddress]);
    });

    test(`behind nginx with ${how}, unlisted: the audit log has nginx's own address`, async () => {
        const house = await behind((at) => nginx(at, tells), '');
        const sources = await sourcesOnRecord(house);
        assert.deepEqual(sources, [proxyAddress]);
    });
}

test('behind nginx, what a client claims in X-Forwarded-For itself is not believed', async () => {
    const house = await behind((at) => nginx(at, forwardedFor), list);
    const sources = await sourcesOnRecord(house, {'x-forwarded-for': '198.51.100.66'});
    assert.deepEqual(sources, [clientAddress]);
});

test('behind nginx, a browser on a device host works through the whole handoff', async () => {
    const house = await behind((at) => nginx(at, forwardedFor), list);
    const people = await house.people();
    await house.registerPump(people.anna);
    await house.grant(people);
    people.erik.client.localAddress = clientAddress;
    await people.erik.client.expect('POST', '/api/notice', {});
    const answer = await people.erik.client.visit(`${house.deviceOrigin}/`);
    assert.equal(answer.status, 200, answer.body.toString().slice(0, 300));
    const {events} = await people.otto.client.expect('GET', '/api/audit?type=pam.connect');
    assert.deepEqual(events.map((event) => event.source), [clientAddress]);
});
