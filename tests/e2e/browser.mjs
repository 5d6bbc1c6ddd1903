// Debian's Chromium, driven by playwright-core. The demo's certificate authority is the only thing
// that it is told to overlook.
import {chromium} from 'playwright-core';

export async function openBrowser() {
    return chromium.launch({
        executablePath: process.env.SALLYPORT_CHROMIUM ?? '/usr/bin/chromium',
        args: [
            '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
            '--disable-background-networking', '--disable-component-update', '--disable-sync',
        ],
    });
}

export async function openPage(browser) {
    const context = await browser.newContext({ignoreHTTPSErrors: true});
    const page = await context.newPage();
    page.setDefaultTimeout(20000);
    return page;
}
