// axe-core on a page as it stands: WCAG 2.2 A and AA, and its best practices; and whether it fits a
// phone. The page needs a context with bypassCSP: our policy would keep the examiner out.
import {readFileSync} from 'node:fs';

const axe = readFileSync(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

export const phone = {width: 360, height: 740};

export async function violations(page) {
    await page.waitForLoadState('load');  // what it says may be there before what it looks like
    await page.waitForFunction(() => !document.querySelector('[data-view]:empty, [data-view] > [role=status]'));
    await page.evaluate(axe);
    const found = await page.evaluate(() => window.axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }));
    return found.violations.map(({id, nodes}) => `${id}: ${nodes.slice(0, 3).map((node) => node.html).join(' | ')}`);
}

// Pixels by which something has to be shifted sideways to be read.
export const tooWide = (page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

// The page as it stands, in light and in dark, at its own width and at a phone's.
export async function faults(page) {
    const found = [];
    const before = page.viewportSize();
    for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({colorScheme});
        for (const violation of await violations(page)) found.push(`${colorScheme}: ${violation}`);
    }
    await page.emulateMedia({colorScheme: null});
    await page.setViewportSize(phone);
    if (await tooWide(page) > 0) found.push(`${await tooWide(page)} px too wide for a phone`);
    await page.setViewportSize(before);
    return found;
}
