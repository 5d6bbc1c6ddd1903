// FIDO's list of models is imported beside a running server: signed, in its turn, and on record.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {House} from './house.mjs';
import {authority, MetadataLists, model} from './metadata_list.mjs';

let house, people, lists;

before(async () => {
    house = await House.open();
    people = await house.people();
    lists = new MetadataLists(house);
});

after(async () => { await house?.close(); });

const models = [
    model('08987058-cadc-4b81-b6e1-30de50dcbe96'),
    model('11111111-1111-1111-1111-111111111111', 'REVOKED'),
];
const list = (wanted) => lists.signed({models, ...wanted});
const imported = (text, ...words) => lists.imported(text, ...words);

const shown = (...words) => house.sallyport(['authenticator-metadata', 'show', '--config', house.config, ...words]);

const events = async () => {
    const otto = await house.signIn(people.otto);
    return (await otto.expect('GET', '/api/audit?type=authenticator_metadata.')).events;
};

test('what is in force is shown once there is something, and what it says about a model', async () => {
    const none = await shown();
    assert.equal(none.code, 1);
    assert.match(none.err, /no list is in force; .*authenticator-metadata import/s);
    assert.equal((await imported(list({no: 40}), '--root', lists.root.certificate)).code, 0);
    const facts = JSON.parse((await shown('--json')).out);
    assert.deepEqual([facts.number, facts.models, facts.compromised, facts.outdated], [40, 2, 1, false]);
    assert.match((await shown('11111111-1111-1111-1111-111111111111')).out, /compromised\s+REVOKED/);
    assert.equal(JSON.parse((await shown('08987058-cadc-4b81-b6e1-30de50dcbe96', '--json')).out).compromised, '');
    assert.match((await shown('22222222-2222-2222-2222-222222222222')).err, /names no model/);
    assert.match((await shown('a key')).err, /is no AAGUID/);
});

test('S1-21 (part): a signed list is imported while the server runs, and is on record', async () => {
    const told = await imported(list({no: 41}) + '\n', '--root', lists.root.certificate, '--json');
    assert.equal(told.code, 0, told.err);
    const facts = JSON.parse(told.out);
    assert.deepEqual([facts.number, facts.models, facts.compromised], [41, 2, 1]);
    const [event] = await events();
    assert.equal(event.type, 'authenticator_metadata.imported');
});

test('S1-21 (part): a list that is older, changed, outdated or signed by others is refused, and says why', async () => {
    const refused = async (text, pattern, under = lists.root) => {
        const told = await imported(text, '--root', under.certificate);
        assert.equal(told.code, 1);
        assert.match(told.err, pattern);
        assert.match(told.err, /what was in force stays/);
    };
    await refused(list({no: 41}), /not newer than the one in force/);
    await refused(list({no: 40}), /not newer than the one in force/);
    await refused(list({no: 42, nextUpdate: '2024-01-01'}), /a newer one is out/);
    const [header, , signature] = list({no: 42}).split('.');
    const other = list({no: 43}).split('.')[1];
    await refused([header, other, signature].join('.'), /changed after it was signed/);
    await refused(list({no: 42}), /not signed by FIDO under that root/, authority(house.folder, 'stranger'));
    await refused('no list', /no metadata BLOB/);
    assert.equal((await events()).length, 2);
});

test('without a root nothing is believed', async () => {
    const told = await imported(list({no: 42}));
    assert.equal(told.code, 1);
    assert.match(told.err, /--root/);
});
