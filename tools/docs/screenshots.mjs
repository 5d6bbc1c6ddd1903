// Takes the README's pictures anew, from a running demonstration in Chromium:
//
//   node tools/docs/screenshots.mjs            (after ./check once, which installs what it needs)
//
// The build is $SALLYPORT_BUILD or build/dev. Writes docs/images/*.png; nothing is drawn by hand.
import {mkdirSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {House, root} from '../../tests/e2e/house.mjs';
import {openBrowser} from '../../tests/e2e/browser.mjs';

const width = 1180;
const folder = join(root, 'docs/images');
mkdirSync(folder, {recursive: true});
const house = await House.open();
const browser = await openBrowser();

async function openPage() {
    const context = await browser.newContext({
        ignoreHTTPSErrors: true, viewport: {width, height: 620}, colorScheme: 'light', locale: 'en-GB',
    });
    return context.newPage();
}

async function take(page, name, height) {
    const file = join(folder, `${name}.png`);
    await page.screenshot({path: file, clip: {x: 0, y: 0, width, height}});
    console.log(`${name}.png ${Math.ceil(statSync(file).size / 1024)} KiB`);
}

async function signIn(person) {
    const page = await openPage();
    await page.goto(house.origin);
    await page.fill('[name=login_name]', person.name);
    await page.fill('[name=passphrase]', person.passphrase);
    await page.click('main button');
    await page.fill('[name=code]', await house.freshCode(person));
    await page.click('main button');
    return page;
}

try {
    const people = await house.people();
    await house.registerPump(people.anna);

    const now = Date.now() + (house.offset ?? 0) * 1000;
    await people.erik.client.expect('POST', '/api/grants', {
        device: 'pump-07', purpose: 'Quarterly check of the rate sensor', change_ticket: 'CHG-1042',
        from: new Date(now).toISOString(), until: new Date(now + 3600_000).toISOString(), capabilities: [],
    });
    const approver = await signIn(people.paula);
    await approver.click('nav >> text=Grants');
    await take(approver, 'approval', 300);
    await approver.click('button:text-is("Approve")');

    const engineer = await signIn(people.erik);
    await take(engineer, 'devices', 460);
    await engineer.click('.cards >> text=pump-07');
    await engineer.click('text=I have read this');
    await engineer.waitForURL(`${house.deviceOrigin}/**`);
    await engineer.waitForLoadState('networkidle');
    await take(engineer, 'pump', 590);
    await engineer.evaluate(() => fetch('/debug').then((answer) => answer.text()));
    await engineer.goto(house.origin);
    await engineer.click('text=Sign out');

    await house.sealedRecording(people.otto);
    const auditor = await signIn(people.otto);
    await auditor.click('nav >> text=Audit');
    await auditor.evaluate(() => document.querySelector('main table').scrollIntoView());
    await take(auditor, 'audit', 420);
    await auditor.click('nav >> text=Recordings');
    await auditor.click('main table a');
    await take(auditor, 'recording', 500);
} finally {
    await browser.close();
    await house.close();
}
