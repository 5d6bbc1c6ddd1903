// What an auditor takes along, held against the published log by a verifier that is not ours
// (tests/integration/stranger, written from docs/protocols alone).
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {House, root} from './house.mjs';

let house, people, file;

before(async () => {
    house = await House.open();
    people = await house.people();
    await house.registerPump(people.anna);
    await house.grant(people);
    file = join(house.folder, 'export.ndjson');
});

after(async () => { await house?.close(); });

function stranger() {
    const site = join(house.folder, 'site');
    const key = readFileSync(join(site, 'data/log/vkey'), 'utf8').trim();
    return new Promise((good) => {
        execFile('python3', [
            join(root, 'tests/integration/stranger/verify_audit_log.py'), join(site, 'data/log'),
            '--key', key, '--anchors', join(site, 'anchors'), '--export', file,
        ], (error, out) => good({code: error ? error.code : 0, out}));
    });
}

test('an exported audit log is verified by a stranger against the published one, and one changed letter is found', async () => {
    // Events are numbered within a second of being written.
    const {text, lines} = await house.until('an export of numbered events', async () => {
        const answer = await people.otto.client.request('POST', '/api/audit/export', {json: {}});
        assert.equal(answer.status, 200);
        const text = answer.body.toString();
        const lines = text.trim().split('\n').map((line) => JSON.parse(line));
        return lines.filter((line) => line.index !== undefined).length > 20 ? {text, lines} : undefined;
    });
    writeFileSync(file, text);
    const told = await house.until('a checkpoint over all that was exported', async () => {
        const {code, out} = await stranger();
        assert.equal(code, 0, out);
        const counts = JSON.parse(out);
        return counts.events >= lines.length ? counts : undefined;
    });
    assert.equal(told.exported + told.exported_uncovered, lines.length);
    assert.ok(told.exported > 20, JSON.stringify(told));

    const at = lines.findIndex((line) => line.type === 'grant.approved');
    assert.ok(at >= 0);
    lines[at].leaf = lines[at].leaf.replace('"outcome":"success"', '"outcome":"refused"');
    lines[at].index ??= 0;
    writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n') + '\n');
    const found = await stranger();
    assert.equal(found.code, 1, found.out);
    assert.match(found.out, /of the export is not leaf/);
});
