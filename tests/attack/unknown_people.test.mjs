// Whether there is such a person can't be told from an answer, nor from how long it took: a thousand
// tries each, in turn, at people who exist and at people who do not.
import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import https from 'node:https';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House, proofed} from '../e2e/house.mjs';
import {MailServer} from '../e2e/mail_server.mjs';

const tries = 1000;
const difference_max_ms = 5;
let house, mail, people, agent;

before(async () => {
    mail = await MailServer.open();
    house = await House.open();
    // The cheapest hash that is allowed: what a split in time would be hidden by is smallest then.
    await house.stop();
    const config = join(house.folder, 'site/sallyport.toml');
    writeFileSync(config, `${readFileSync(config, 'utf8')}\n[password]\ncost = { memory_mib = 19, passes = 2 }\n${mail.configuration()}`);
    await house.start();
    people = await house.people();
    agent = new https.Agent({keepAlive: true, maxSockets: 1, ca: readFileSync(house.ca), servername: 'sallyport.localhost'});
});

after(async () => {
    agent?.destroy();
    await house?.close();
    await mail?.close();
});

const post = (path, json, cookie = '') => send('POST', path, JSON.stringify(json), cookie);
const get = (path, cookie) => send('GET', path, '', cookie);

// One request on a connection that is kept, and how long its answer took.
function send(method, path, body, cookie) {
    const headers = {
        host: `sallyport.localhost:${house.port}`, accept: 'application/json',
        ...(body ? {'content-type': 'application/json', 'content-length': Buffer.byteLength(body)} : {}),
        ...(cookie ? {cookie} : {}),
    };
    return new Promise((good, bad) => {
        const begun = process.hrtime.bigint();
        const request = https.request({method, host: '127.0.0.1', port: house.port, path, headers, agent}, (response) => {
            const chunks = [];
            response.on('data', (chunk) => chunks.push(chunk));
            response.on('end', () => {
                const ms = Number(process.hrtime.bigint() - begun) / 1e6;
                good({ms, response, body: Buffer.concat(chunks).toString()});
            });
        });
        request.on('error', bad);
        request.end(body);
    });
}

// All that a stranger sees; of the time of day and of a cookie's random value only that they are there.
function seen({response, body}) {
    const fields = [];
    for (let i = 0; i < response.rawHeaders.length; i += 2) {
        const [name, value] = response.rawHeaders.slice(i, i + 2);
        if (/^connection$/i.test(name)) continue;  // how many requests came by it, whoever is asked for
        if (/^date$/i.test(name)) fields.push(name);
        else if (/^set-cookie$/i.test(name)) fields.push(`${name}: ${value.replace(/=[^;]*/, (whole) => `=<${whole.length}>`)}`);
        else fields.push(`${name}: ${value}`);
    }
    return `${response.statusCode}\n${fields.join('\n')}\n${body.length}\n${body}`;
}

const cookie_of = ({response}) => (response.headers['set-cookie'] ?? []).map((one) => one.split(';')[0]).join('; ');

function median(values) {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
}

// Both kinds in turn, each pair in the other order than the one before, so that whatever slows the
// machine down slows both.
async function compare(existing, missing, between) {
    const answers = new Set();
    const times = [[], []];
    for (let i = 0; i < tries; ++i) {
        const order = i % 2 === 0 ? [0, 1] : [1, 0];
        for (const which of order) {
            for (const [step, answer] of (await (which === 0 ? existing(i) : missing(i))).entries()) {
                answers.add(`${step}: ${seen(answer)}`);
                (times[which][step] ??= []).push(answer.ms);
            }
        }
        await between(i);
    }
    return {answers, medians: times.map((steps) => steps.map(median))};
}

// A split in time is there every time; a busy machine's noise is not. So what looks like one is
// measured again, a thousand tries each, before it is called one.
async function check(steps, existing, missing, pause = between) {
    const looked_like = [];
    for (let round = 0; round < 3; ++round) {
        const {answers, medians} = await compare(existing, missing, pause);
        assert.equal(answers.size, steps, [...answers].join('\n---\n'));
        const told = medians.map((kind) => kind.map((ms) => ms.toFixed(2)).join(', '));
        console.log(`medians, ms: existing ${told[0]}; missing ${told[1]}`);
        const split = medians[0].some((ms, step) => Math.abs(ms - medians[1][step]) >= difference_max_ms);
        if (!split) return;
        looked_like.push(told.join(' and '));
    }
    assert.fail(`medians differ by ${difference_max_ms} ms or more, each time: ${looked_like.join('; ')}`);
}

// Failures run down with time: four in so long by this address, and two names that share a counter
// with a third are still not slowed down.
const between = () => house.advance(241);

// Enough people that nobody is slowed down or locked.
const count = 14;

async function enrolMany(called) {
    const known = [];
    const client = await house.signIn(people.anna, people.anna.client);
    for (let i = 0; i < count; ++i) {
        await house.stepUp(people.anna);
        const name = `${called}-${String(i).padStart(2, '0')}`;
        const made = await client.expect('POST', '/api/users', {
            login_name: name, display_name: name, role: 'engineer', ...proofed,
        });
        const person = {name, passphrase: `nine quiet boats go by ${i}`, client: house.client()};
        await person.client.expect('POST', '/api/enrolment', {ticket: made.ticket.code});
        await house.enrol(person);
        known.push(name);
    }
    return known;
}

test('S0-16 (part): 1,000 sign-ins each, of people who exist and who do not: same answers, median times within 5 ms', async () => {
    const known = await enrolMany('person');
    const missing = known.map((name) => name.replace('person', 'nobody'));
    // Which keys a name is asked for differs from name to name, whether somebody has it or not; how
    // many they are and how long does not.
    const nameless = (answer) => {
        const {challenge, allowCredentials, padding, ...rest} = JSON.parse(answer.body);
        assert.ok(challenge && padding);
        return {...answer, body: JSON.stringify({...rest, keys: allowCredentials.length, length: answer.body.length})};
    };
    const sign_in = async (login_name) => {
        const first = await post('/api/sign-in', {login_name, passphrase: 'not the right one'});
        const keys = nameless(await get('/api/sign-in/key', cookie_of(first)));
        const second = await post('/api/sign-in/code', {code: '000000'}, cookie_of(first));
        return [first, keys, second];
    };
    await check(3, (i) => sign_in(known[i % count]), (i) => sign_in(missing[i % count]));
});

test('S0-16 (part): 1,000 recovery codes each, behind names that exist and that do not: same answers, median times within 5 ms', async () => {
    // Others: ninety-nine failures in a row would stop a name.
    const known = await enrolMany('holder');
    const missing = known.map((name) => name.replace('holder', 'no-one'));
    const sign_in = async (login_name) => {
        const first = await post('/api/sign-in', {login_name, passphrase: 'not the right one'});
        return [first, await post('/api/sign-in/code', {code: 'AAAA-BBBB-CCCC-DDDD'}, cookie_of(first))];
    };
    // Each is two failures by this address: of the passphrase, and of the code.
    const longer = () => house.advance(901);
    await check(2, (i) => sign_in(known[i % count]), (i) => sign_in(missing[i % count]), longer);
});

test('S0-16 (part): 1,000 tickets each, used ones and ones that never were: same answers, median times within 5 ms', async () => {
    people.anna.client = await house.signIn(people.anna);
    const {ticket} = await people.anna.client.expect('POST', '/api/users', {
        login_name: 'used-up', display_name: 'Used Up', role: 'engineer', ...proofed,
    });
    await house.client().expect('POST', '/api/enrolment', {ticket: ticket.code});
    const redeem = async (code) => [await post('/api/enrolment', {ticket: code})];
    await check(1, () => redeem(ticket.code), () => redeem('AAAA-BBBB-CCCC-DDDD'));
});

test('S0-16 (part): 1,000 recoveries each, of an account and of none: same answers, median times within 5 ms', async () => {
    // Somebody is being recovered, and a stranger has heard one of the two codes; it is good for 15
    // minutes, and once it is over it is one that was.
    const {erik, anna} = people;
    anna.client = await house.signIn(anna);
    const opened = await anna.client.expect('POST', '/api/recovery', {login_name: 'erik', checks: ['called_back']});
    const half = opened.agent_code;
    assert.ok(erik && half);
    const redeem = async (ticket, agent_code) => [await post('/api/enrolment', {ticket, agent_code})];
    await check(1, () => redeem('AAAA-BBBB-CCCC-DDDD', half), () => redeem('AAAA-BBBB-CCCC-DDDD', 'EEEE-FFFF-GGGG-HHHH'));
});

test('S0-16 (part): 1,000 resets by mail each, of patients who get a code and of names that nobody has: same answers, median times within 5 ms', async () => {
    const {anna} = people;
    anna.client = await house.signIn(anna);
    const made = await anna.client.expect('POST', '/api/users', {
        login_name: 'clark', display_name: 'clark', role: 'clinical_administrator', ...proofed,
    });
    const clark = {name: 'clark', passphrase: 'the lighthouse keeper sleeps', client: house.client()};
    await clark.client.expect('POST', '/api/enrolment', {ticket: made.ticket.code});
    await house.enrol(clark);
    const known = [];
    for (let i = 0; i < count; ++i) {
        const name = `petra-${String(i).padStart(2, '0')}`;
        await house.stepUp(clark);
        const {ticket} = await clark.client.expect('POST', '/api/users', {login_name: name, display_name: name, role: 'patient'});
        await clark.client.expect('POST', `/api/users/${name}/mail`, {mail_address: `${name}@example.org`});
        const client = house.client();
        await client.expect('POST', '/api/enrolment', {ticket: ticket.code});
        await client.expect('POST', '/api/enrolment/passphrase', {passphrase: `seven white geese went north ${i}`});
        await client.expect('POST', '/api/enrolment/totp', {code: ''});
        known.push(name);
    }
    const missing = known.map((name) => name.replace('petra', 'nobdy'));
    const reset = async (login_name) => [await post('/api/recovery/mail', {login_name})];
    // A name comes again once its code is over, so that it gets another each time.
    const until_over = () => house.advance(Math.ceil(4 * 3600 / count) + 60);
    const before = mail.taken.length;
    await check(1, (i) => reset(known[i % count]), (i) => reset(missing[i % count]), until_over);
    assert.ok(mail.taken.length > before, 'the codes were mailed');
});

test('S0-16 (part): 1,000 first starts each, with a name that is taken and one that is not: same answers, median times within 5 ms', async () => {
    const set_up = async (login_name) => [await post('/api/setup', {
        code: 'AAAA-BBBB-CCCC-DDDD', login_name, display_name: 'Eve',
    })];
    await check(1, () => set_up('anna'), () => set_up('nobody-at-all'));
});
