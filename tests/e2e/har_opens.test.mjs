// A recording's HAR is read by a stranger: Chromium, told to answer every request from the file
// alone, shows the visit again with the device and the server gone.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {join} from 'node:path';
import {writeFileSync} from 'node:fs';
import {House} from './house.mjs';
import {openBrowser} from './browser.mjs';

let house, people, browser, har, seen;

before(async () => {
    house = await House.open();
    people = await house.people();
    await house.advance(60);
    await house.stepUp(people.anna);
    await house.stepUp(people.paula);
    await house.registerPump(people.anna);
    await house.grant(people);
    const {client} = people.erik;
    await client.expect('POST', '/api/notice', {});
    const front = await client.visit(`${house.deviceOrigin}/`);
    const infusion = await client.request('GET', `${house.deviceOrigin}/infusion`);
    seen = {front: front.body.toString(), infusion: infusion.json};
    await client.expect('POST', '/api/session/end', {});
    await house.stepUp(people.otto);
    const recording = await house.sealedRecording(people.otto);
    const answer = await people.otto.client.request('POST', `/api/recordings/${recording.id}/export`, {
        json: {reason: 'Review of the visit'},
    });
    assert.equal(answer.status, 200, answer.body.toString());
    har = join(house.folder, 'visit.har');
    writeFileSync(har, answer.body);
    await house.stop();
    house.pump.kill('SIGKILL');
    browser = await openBrowser();
});

after(async () => {
    await browser?.close();
    await house?.close();
});

test('a browser shows the visit again from the exported HAR alone', async () => {
    const context = await browser.newContext({ignoreHTTPSErrors: true});
    await context.routeFromHAR(har, {notFound: 'abort'});
    const page = await context.newPage();
    // The file tells what passed between Sallyport and the device, so it knows the device's address.
    const answer = await page.goto(`http://127.0.0.1:${house.pumpPort}/`);
    assert.equal(answer.status(), 200);
    assert.equal(await answer.text(), seen.front);
    const again = await page.evaluate(async () => (await fetch('/infusion')).json());
    assert.deepEqual(again, seen.infusion);
});
