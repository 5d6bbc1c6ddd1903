// Notices by mail, handed to a mail server of somebody else's making: encrypted and verified, tried
// again when it fails in each of the ways in which mail servers fail, and not lost when this one dies.
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {createServer} from 'node:net';
import {after, before, test} from 'node:test';
import {House} from './house.mjs';
import {MailServer, opened} from './mail_server.mjs';

let house, mail, people;

before(async () => {
    mail = await MailServer.open();
    house = await House.open({configure: (text) => text + mail.configuration()});
    people = await house.people();
});

after(async () => {
    await house?.close();
    await mail?.close();
});

// Erik adds an app to his account, which he is told of.
async function somethingHappens(label) {
    people.erik.client = await house.signIn(people.erik);
    const made = await people.erik.client.expect('POST', '/api/self/authenticators/totp', {label});
    const app = {seed: made.totp.secret.replaceAll(' ', '')};
    await people.erik.client.expect('POST', `/api/self/authenticators/${made.id}/confirm`, {code: await house.freshCode(app)});
}

const mailsAbout = (label) => mail.taken.filter(({message}) => opened(message).body.includes(label));

async function mailAbout(label) {
    await house.until(`a mail about ${label}`, () => mailsAbout(label).length > 0, 40);
    return mailsAbout(label);
}

async function stuck() {
    const answer = await house.client().request('GET', '/health/ready');
    assert.equal(answer.status, 200);
    return answer.json.mail_stuck;
}

test('S1-28, S1-29 (part): what happens to an account is told at its mail address, over verified TLS', async () => {
    await house.stepUp(people.anna);
    await people.anna.client.expect('POST', '/api/users/erik/mail', {mail_address: 'erik@example.org'});
    await somethingHappens('Zweites Gerät');
    const [sent] = await mailAbout('Zweites Gerät');
    assert.deepEqual(sent.to, ['erik@example.org']);
    assert.equal(sent.from, 'sallyport@hospital.example');
    assert.equal(sent.tls, true);
    assert.equal(sent.user, 'sallyport');
    const read = opened(sent.message);
    assert.deepEqual(read.defects, []);
    assert.equal(read.headers.length, 9);
    assert.match(read.id, /^<[0-9a-f-]{36}@sallyport\.localhost>$/);
    assert.ok(read.body.includes(`${house.origin}/security`));
    assert.ok(!/erik|token|code=/.test(read.body.replace('erik@example.org', '')));
    assert.ok(!house.log.includes('erik@example.org'));
});

test('a changed address is told of at the old one', async () => {
    await house.stepUp(people.anna);
    await people.anna.client.expect('POST', '/api/users/erik/mail', {mail_address: 'erik@elsewhere.example'});
    const subject = 'Your mail address was changed / Ihre Mailadresse wurde geändert';
    const told = (reader) => mail.taken.find(({to, message}) => to[0] === reader && opened(message).subject === subject);
    await house.until('both mails', () => ['erik@example.org', 'erik@elsewhere.example'].every(told), 30);
    // Whoever reads German finds it all in the same mail; on its way it was ASCII, in short lines.
    const {message} = told('erik@example.org');
    const read = opened(message);
    assert.deepEqual(read.defects, []);
    const body = read.body.replaceAll('\r\n', '\n');
    assert.match(body, /^Deutsch: siehe unten\.\n\nAn administrator changed the mail address/);
    assert.match(body, /\* \* \*\n\nDie Administration hat die Mailadresse geändert, an die Sie zu Ihrem Konto/);
    assert.ok(body.includes(`sagen Sie es unter „Ihre Sicherheit“:\n${house.origin}/security\nWenn Sie sich nicht`));
    assert.match(message, /^Subject: =\?utf-8\?B\?[\w+/=]+\?=\r\n =\?utf-8\?B\?/m);
    assert.ok(message.split('\r\n').every((line) => line.length <= 78 && /^[ -~]*$/.test(line)));
    const bad = await people.anna.client.request('POST', '/api/users/erik/mail',
        {json: {mail_address: 'a@b.example\r\nBcc: eve@example.org'}});
    assert.equal(bad.json.reason, 'mail_address.malformed');
});

test('a mail that is put off, cut off or not answered is sent again, under one Message-ID', async () => {
    await mail.behave('greylist');
    await somethingHappens('greylisted');
    await house.until('the first try', () => /tried again.*451|451.*tried again/.test(house.log), 30);
    await house.advance(61);
    await mailAbout('greylisted');

    await mail.behave('close');
    await somethingHappens('cut off');
    await mailAbout('cut off');
    await mail.behave('take');
    await house.advance(61);
    await house.until('it again', () => mailsAbout('cut off').length > 1, 30);
    const ids = new Set(mailsAbout('cut off').map(({message}) => opened(message).id));
    assert.equal(ids.size, 1);
});

test('a reader whom the server refuses for good is not tried again, and holds nobody up', async () => {
    await mail.behave('refuse');
    await somethingHappens('refused');
    await house.until('the refusal', () => house.log.includes('it is not sent'), 30);
    await mail.behave('take');
    await house.advance(3600);
    await somethingHappens('after the refusal');
    await mailAbout('after the refusal');
    assert.equal(mailsAbout('refused').filter(({message}) => !opened(message).body.includes('after')).length, 0);
});

test('a server that turns everybody away loses no mail; health says that mail is stuck', async () => {
    await mail.behave('turn-away');
    await somethingHappens('turned away');
    await house.until('a try', () => (house.log.match(/it is tried again/g) ?? []).length >= 3, 30);
    assert.equal(await stuck(), false);
    await house.advance(901);
    await house.until('stuck', stuck, 30);
    await mail.behave('take');
    await house.advance(3600);
    await mailAbout('turned away');
    assert.equal(await stuck(), false);
});

test('notices outlive kill -9, and a server that hangs holds up neither sign-ins nor the end', async () => {
    await mail.behave('hang');
    await somethingHappens('before the kill');
    await house.until('a first hang', () => mail.hangs === 1, 30);
    await house.restart('SIGKILL');
    await house.advance(61);
    await house.until('a second hang', () => mail.hangs === 2, 30);
    await house.signIn(people.paula);
    const begun = Date.now();
    await house.stop();
    assert.ok(Date.now() - begun < 15000);
    await mail.behave('take');
    await house.start();
    await house.advance(3600);
    await mailAbout('before the kill');
});

test('no mail goes to a server without TLS, or with a certificate that is not its own', async () => {
    const heard = [];
    const plain = createServer((socket) => {
        socket.write('220 plain ESMTP\r\n');
        socket.on('data', (data) => {
            heard.push(String(data));
            socket.write(/^(EHLO|HELO)/.test(String(data)) ? '250 plain\r\n' : '250 yes\r\n');
        });
        socket.on('error', () => {});
    }).listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const other = await MailServer.open();
    try {
        for (const configuration of [
            mail.configuration('starttls', plain.address().port),
            other.configuration().replace(other.certificate, mail.certificate),
        ]) {
            const guarded = await House.open({configure: (text) => text + configuration});
            try {
                const {anna} = await guarded.people();
                await guarded.stepUp(anna);
                await anna.client.expect('POST', '/api/users/erik/mail', {mail_address: 'erik@example.org'});
                await guarded.until('a try', () => guarded.log.includes('it is tried again'), 30);
            } finally {
                await guarded.close();
            }
        }
        assert.ok(heard.length > 0);
        assert.ok(!heard.join('').match(/MAIL|RCPT|AUTH|hospital/));
        assert.equal(other.taken.length, 0);
    } finally {
        plain.close();
        await other.close();
    }
});
