// A page in a browser that runs no script, and its forms.
import {follow} from './browser.mjs';

export async function openPlainPage(browser) {
    const context = await browser.newContext({ignoreHTTPSErrors: true, javaScriptEnabled: false});
    const page = await context.newPage();
    page.setDefaultTimeout(20000);
    return page;
}

// Fills the form that goes to `action`, sends it with its first button, and waits for the page that answers.
export async function send(page, action, fields = {}) {
    const form = page.locator(`form[action="${action}"]`).first();
    for (const [name, value] of Object.entries(fields)) {
        const field = form.locator(`[name=${name}]`);
        if (value === true) await field.check();
        else await field.fill(value);
    }
    await follow(page, form.locator('button').first());
}

export async function signIn(house, page, person) {
    await page.goto(`${house.origin}/sign-in`);
    await send(page, '/api/sign-in', {login_name: person.name, passphrase: person.passphrase});
    await send(page, '/api/sign-in/code', {code: await house.freshCode(person)});
    await page.waitForURL(`${house.origin}/`);
}

// Past the ticket: a passphrase, an authenticator app, and the ten recovery codes.
export async function finishEnrolment(house, page, person) {
    await send(page, '/api/enrolment/passphrase', {passphrase: person.passphrase, repeated: person.passphrase});
    person.seed = (await page.textContent('#seed')).replaceAll(' ', '');
    await send(page, '/api/enrolment/totp', {code: await house.freshCode(person)});
    await page.locator('#recovery-codes li').nth(9).waitFor();
}
