// `sallyport login` through a browser: the real command, the real Chromium, and who comes too late.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, readFileSync, statSync} from 'node:fs';
import {connect} from 'node:net';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House, binary} from './house.mjs';
import {openBrowser, openPage} from './browser.mjs';

let house, browser, people;

before(async () => {
    house = await House.open();
    people = await house.people();
    browser = await openBrowser();
});

after(async () => {
    await browser?.close();
    await house?.close();
});

const session = (name) => join(house.folder, `${name}.session`);
const cli = (name, ...words) => house.sallyport(words, {env: {SALLYPORT_SESSION: session(name)}});

// The command, up to the address that it prints.
async function login(name) {
    const command = {said: '', complained: ''};
    command.child = spawn(binary, ['login', '--no-open', '--server', house.origin, '--ca', house.ca], {
        env: {...process.env, SALLYPORT_SESSION: session(name)}, stdio: ['ignore', 'pipe', 'pipe'],
    });
    command.ended = once(command.child, 'close');
    command.child.stderr.on('data', (chunk) => { command.complained += chunk; });
    await new Promise((good, bad) => {
        command.child.stdout.on('data', (chunk) => {
            command.said += chunk;
            if (command.said.includes('Ctrl-C')) good();
        });
        command.child.on('close', () => bad(new Error(command.said + command.complained)));
    });
    command.address = command.said.match(/^ {2}(https:\S+)$/m)[1];
    command.port = Number(new URL(command.address).searchParams.get('port'));
    return command;
}

// Whether anything listens there.
const listens = (port) => new Promise((good) => {
    const socket = connect({host: '127.0.0.1', port});
    socket.on('connect', () => { socket.destroy(); good(true); });
    socket.on('error', () => good(false));
});

// Opens the address and signs in, as the page asks; ends on the page that asks.
async function openAs(page, address, person) {
    await page.goto(address);
    await page.waitForURL(/\/sign-in\?/);
    await page.fill('[name=login_name]', person.name);
    await page.fill('[name=passphrase]', person.passphrase);
    await page.click('form[action="/api/sign-in"] button');
    await page.waitForURL(/sign-in\/code/);
    await page.fill('[name=code]', await house.freshCode(person));
    await page.click('form[action="/api/sign-in/code"] button');
    await page.waitForURL(/\/cli-sign-in\?/);
}

const confirm = (page) => page.click('form[action="/api/cli-sign-in"] button', {noWaitAfter: true});

test('who signs in and confirms in the browser is signed in at the command line, and nobody else', async () => {
    const command = await login('erik');
    assert.ok(await listens(command.port));
    const page = await openPage(browser);
    await openAs(page, command.address, people.erik);
    const asked = await page.textContent('main');
    assert.match(asked, new RegExp(`127\\.0\\.0\\.1:${command.port}`));
    assert.match(asked, /If you did not just type sallyport login on this computer, close this page/);
    await confirm(page);
    await page.getByText('You can close this page').waitFor();
    assert.equal(new URL(page.url()).origin, `http://127.0.0.1:${command.port}`);
    const [code] = await command.ended;
    assert.equal(code, 0, command.complained);
    assert.match(command.said, /Signed in as erik \(engineer\) until /);
    assert.equal(statSync(session('erik')).mode & 0o777, 0o600);
    assert.equal(await listens(command.port), false);

    const mine = JSON.parse((await cli('erik', 'whoami', '--json')).out);
    assert.equal(mine.login_name, 'erik');
    assert.equal((await cli('erik', 'device', 'list')).code, 0);

    // Another browser that opens the same address finds nobody to give a code to.
    const kept = readFileSync(session('erik'), 'utf8');
    const other = await openPage(browser);
    await openAs(other, command.address, people.paula);
    const refused = other.waitForEvent('requestfailed', (one) => one.url().startsWith('http://127.0.0.1'));
    await confirm(other);
    assert.match((await refused).failure().errorText, /CONNECTION_REFUSED/);
    assert.equal(readFileSync(session('erik'), 'utf8'), kept);
    assert.equal(JSON.parse((await cli('erik', 'whoami', '--json')).out).login_name, 'erik');
    await other.context().close();

    // The code that the first browser still shows in its address opens nothing, and costs what it opened.
    const shown = new URL(page.url()).searchParams.get('code');
    const again = await house.client().request('POST', '/api/cli-session', {json: {code: shown, verifier: 'A'.repeat(43)}});
    assert.equal(again.status, 403);
    const ended = await cli('erik', 'whoami');
    assert.equal(ended.code, 1);
    assert.match(ended.err, /sallyport login --server/);
    await page.context().close();
});

test('the session ends with its browser\'s, and a proof that is too old is shown there', async () => {
    const command = await login('anna');
    const page = await openPage(browser);
    await openAs(page, command.address, people.anna);
    await confirm(page);
    assert.equal((await command.ended)[0], 0, command.complained);
    assert.equal((await cli('anna', 'backup')).code, 0);
    await house.advance(301);
    const old = await cli('anna', 'backup');
    assert.equal(old.code, 1);
    assert.match(old.err, /sign in again, then repeat the command. With: sallyport login --server/);

    const second = await login('anna');
    await page.goto(second.address);
    await page.waitForURL(/\/step-up\?/);
    await page.fill('[name=code]', await house.freshCode(people.anna));
    await page.click('form[action="/api/step-up"] button');
    await page.waitForURL(/\/cli-sign-in\?/);
    await confirm(page);
    assert.equal((await second.ended)[0], 0, second.complained);
    assert.equal((await cli('anna', 'backup')).code, 0);
    await page.goto(`${house.origin}/`);
    await page.click('text=Sign out');
    await page.waitForURL(/sign-in/);
    const over = await cli('anna', 'whoami');
    assert.equal(over.code, 1);
    await page.context().close();
});

test('Ctrl-C leaves no listener and no session', async () => {
    const command = await login('otto');
    assert.ok(await listens(command.port));
    command.child.kill('SIGINT');
    const [, signal] = await command.ended;
    assert.equal(signal, 'SIGINT');
    assert.equal(await listens(command.port), false);
    assert.ok(!existsSync(session('otto')));
});

test('what another page sends to the port is turned away, and the command waits on', async () => {
    const command = await login('otto');
    const state = new URL(command.address).searchParams.get('state');
    const word = 'A'.repeat(43);
    const at = `http://127.0.0.1:${command.port}`;
    assert.equal((await fetch(`${at}/?code=${word}&state=${word}`)).status, 404);
    assert.equal((await fetch(`${at}/favicon.ico`)).status, 404);
    assert.equal((await fetch(`${at}/?code=${word}&state=${state}`, {method: 'POST'})).status, 404);
    // With the state, but a code that this server did not make: the command is told, and ends.
    assert.equal((await fetch(`${at}/?code=${word}&state=${state}`)).status, 200);
    const [code] = await command.ended;
    assert.equal(code, 1);
    assert.match(command.complained, /did not finish\. Run sallyport login again/);
    assert.ok(!existsSync(session('otto')));
});
