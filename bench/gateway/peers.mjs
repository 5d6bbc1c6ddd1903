// The backend and the peers: nginx as a small fast device, nginx and HAProxy as plain TLS reverse
// proxies to it. Same certificate, same TLS versions, one worker for each core, kept connections on
// both sides; nothing is logged.
import {spawn} from 'node:child_process';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {createConnection} from 'node:net';
import {cpus} from 'node:os';
import {join} from 'node:path';

const cores = cpus().length;

// What a small page of a device weighs.
export const answerBody = JSON.stringify({device: 'IP-2', state: 'running', rate_ml_h: 12.5, alarms: []});

function listening(port) {
    return new Promise((good) => {
        const socket = createConnection(port, '127.0.0.1');
        socket.once('connect', () => { socket.destroy(); good(true); });
        socket.once('error', () => good(false));
    });
}

// A program that stays in the foreground; ready when it listens.
export async function start(name, command, commandLine, port) {
    const child = spawn(command, commandLine, {stdio: ['ignore', 'ignore', 'pipe']});
    let said = '';
    child.stderr.on('data', (chunk) => { said += chunk; });
    const end = Date.now() + 10_000;
    while (!await listening(port)) {
        if (child.exitCode !== null || Date.now() > end) throw new Error(`${name} does not listen: ${said}`);
        await new Promise((good) => { setTimeout(good, 50); });
    }
    return child;
}

function nginxFile(folder, name, requestsMax, inside) {
    const own = join(folder, name);
    mkdirSync(own, {recursive: true});
    const file = join(own, 'nginx.conf');
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((kind) => `${kind}_temp_path ${own}/${kind};`).join(' ');
    writeFileSync(file, `
daemon off; worker_processes ${cores}; pid ${own}/pid; error_log stderr error;
events { worker_connections 4096; }
http { access_log off; keepalive_requests ${requestsMax}; ${temporary}
${inside}
}
`);
    return ['-p', own, '-c', file];
}

export function backend(folder, port) {
    const inside = `server { listen 127.0.0.1:${port} reuseport backlog=1024;
  location / { default_type application/json; return 200 '${answerBody}'; } }`;
    return start('the backend', 'nginx', nginxFile(folder, 'backend', 1_000_000, inside), port);
}

// keepalive_requests as in Sallyport: after 10,000 requests a connection is made anew.
export function nginxProxy(folder, port, backendPort, tls) {
    const inside = `upstream device { server 127.0.0.1:${backendPort}; keepalive 512; keepalive_requests 1000000; }
server { listen 127.0.0.1:${port} ssl reuseport backlog=1024;
  ssl_certificate ${tls.certificate}; ssl_certificate_key ${tls.key};
  ssl_protocols TLSv1.2 TLSv1.3; ssl_session_tickets off;
  location / { proxy_pass http://device; proxy_http_version 1.1; proxy_set_header Connection ""; } }`;
    return start('nginx', 'nginx', nginxFile(folder, 'nginx', 10_000, inside), port);
}

export function haproxy(folder, port, backendPort, tls) {
    const own = join(folder, 'haproxy');
    mkdirSync(own, {recursive: true});
    const pem = join(own, 'both.pem');
    writeFileSync(pem, readFileSync(tls.certificate, 'utf8') + readFileSync(tls.key, 'utf8'), {mode: 0o600});
    const file = join(own, 'haproxy.cfg');
    writeFileSync(file, `
global
  nbthread ${cores}
  maxconn 4096
  ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend people
  bind 127.0.0.1:${port} ssl crt ${pem} alpn http/1.1
  default_backend device
backend device
  server one 127.0.0.1:${backendPort}
`);
    return start('HAProxy', 'haproxy', ['-db', '-q', '-f', file], port);
}
