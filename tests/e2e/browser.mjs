// Debian's Chromium, driven by playwright-core. The demo's certificate authority is the only thing
// that it is told to overlook.
import {createHash, X509Certificate} from 'node:crypto';
import {chromium} from 'playwright-core';

// `trusted`: a certificate (PEM) whose key is taken for right, as if its authority were installed.
// Security keys need that: a browser gives none to a page whose certificate it was told to overlook.
export async function openBrowser({trusted} = {}) {
    const spki = trusted && createHash('sha256').update(
        new X509Certificate(trusted).publicKey.export({type: 'spki', format: 'der'})).digest('base64');
    return chromium.launch({
        executablePath: process.env.SALLYPORT_CHROMIUM ?? '/usr/bin/chromium',
        args: [
            '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
            '--disable-background-networking', '--disable-component-update', '--disable-sync',
            ...spki ? [`--ignore-certificate-errors-spki-list=${spki}`] : [],
        ],
    });
}

// An authenticator of its own for the page (CDP WebAuthn): a platform's passkeys, or a plain key.
export async function addSecurityKey(page, options = {}) {
    const session = await page.context().newCDPSession(page);
    await session.send('WebAuthn.enable', {enableUI: false});
    const {authenticatorId} = await session.send('WebAuthn.addVirtualAuthenticator', {options: {
        protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
        isUserVerified: true, automaticPresenceSimulation: true, ...options,
    }});
    return {
        credentials: async () => (await session.send('WebAuthn.getCredentials', {authenticatorId})).credentials,
        add: (credential) => session.send('WebAuthn.addCredential', {authenticatorId, credential}),
        // Whether somebody touches it when it is asked; else it waits.
        present: (enabled) => session.send('WebAuthn.setAutomaticPresenceSimulation', {authenticatorId, enabled}),
        verifies: (isUserVerified) => session.send('WebAuthn.setUserVerified', {authenticatorId, isUserVerified}),
    };
}

// What the content security policy or Trusted Types kept a page from doing is a mistake of ours,
// whichever test meets it.
function failOnViolations(page) {
    page.on('console', (message) => {
        const text = message.text();
        if (message.type() === 'error' && /Content.Security.Policy|Trusted(HTML|Script| Type)/i.test(text)) {
            throw new Error(`${page.url()}: ${text}`);
        }
    });
}

export async function openPage(browser, {ignoreHTTPSErrors = true} = {}) {
    const context = await browser.newContext({ignoreHTTPSErrors});
    const page = await context.newPage();
    page.setDefaultTimeout(20000);
    failOnViolations(page);
    return page;
}

// Sends a form or follows a link, and comes back once the page that answers is there: what is read or opened
// next is about that page, however slow the machine.
export async function follow(page, target = 'main button') {
    const what = typeof target === 'string' ? page.locator(target).first() : target;
    await Promise.all([page.waitForEvent('load'), what.click()]);
}
