// The memory of the running server, read as root: a device's password is there while somebody visits
// the device, and nowhere once they have left.
import assert from 'node:assert/strict';
import {closeSync, openSync, readFileSync, readSync} from 'node:fs';
import {after, before, test} from 'node:test';
import {House} from '../e2e/house.mjs';

let house, people;

before(async () => {
    house = await House.open();
    people = await house.people();
    await house.registerPump(people.anna);
    await house.grant(people);
    await people.erik.client.expect('POST', '/api/notice', {});
    // Another process than the one that the password was typed into.
    await house.restart();
});

after(async () => { await house?.close(); });

// How often each of these texts stands in what the process can write to.
function count(pid, texts) {
    const found = Object.fromEntries(Object.keys(texts).map((name) => [name, 0]));
    const overlap = Math.max(...Object.values(texts).map((text) => text.length)) - 1;
    const memory = openSync(`/proc/${pid}/mem`, 'r');
    const buffer = Buffer.alloc(4 << 20);
    let read_bytes = 0;
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
        const mapping = line.match(/^([0-9a-f]+)-([0-9a-f]+) (?:rw|r-)/);
        if (!mapping || /\[v(var|syscall|var_vclock)\]/.test(line)) continue;
        const [start, end] = [parseInt(mapping[1], 16), parseInt(mapping[2], 16)];
        if (end - start > 2 ** 36) continue;  // a sanitizer's book about the rest
        for (let at = start; at < end;) {
            const size = readSync(memory, buffer, 0, Math.min(buffer.length, end - at), at);
            assert.ok(size > 0, line);
            read_bytes += size;
            const piece = buffer.subarray(0, size);
            for (const [name, text] of Object.entries(texts)) {
                for (let hit = piece.indexOf(text); hit >= 0; hit = piece.indexOf(text, hit + 1)) ++found[name];
            }
            at += at + size < end ? size - overlap : size;
        }
    }
    closeSync(memory);
    return {...found, read_bytes};
}

test('S2-24: a lent password is in the server\'s memory during the visit and wiped from it after', async (t) => {
    if (process.getuid() !== 0) return t.skip('only root may read the memory of an undumpable process');
    const {pid} = house.server;
    const password = house.servicePassword();
    const texts = {
        password: Buffer.from(password),
        token: Buffer.from(Buffer.from(`service:${password}`).toString('base64').replace(/=+$/, '')),
        // What a search of this kind finds if it is there: the visitor's name.
        name: Buffer.from('erik'),
    };
    const never = count(pid, texts);
    assert.ok(never.read_bytes > 1 << 20, String(never.read_bytes));
    assert.deepEqual([never.password, never.token], [0, 0], 'before anybody visits');

    const visitor = await house.signIn(people.erik);
    for (let i = 0; i < 3; ++i) {
        assert.equal((await visitor.visit(`${house.deviceOrigin}/infusion`)).status, 200);
    }
    const during = count(pid, texts);
    assert.ok(during.token > 0, 'the search finds what is there');
    assert.ok(during.name > 0);

    await visitor.expect('POST', '/api/session/end', {});
    const otto = await house.signIn(people.otto);
    await house.sealedRecording({client: otto});
    const after = count(pid, texts);
    assert.ok(after.name > 0);
    assert.deepEqual([after.password, after.token], [0, 0], 'after the visit');
});
