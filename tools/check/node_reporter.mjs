// A reporter for node's test runner: what failed on the console, everything into a file that
// trace.py reads. RESULTS_FILE names the file.
import {writeFileSync} from 'node:fs';

export default async function* report(source) {
    const results = [];
    for await (const event of source) {
        if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
        const {name, details, file} = event.data;
        // Files and suites are reported as tests too; only leaves say something of their own.
        if (details?.type === 'suite' || name === file || name.endsWith('.mjs')) {
            if (event.type === 'test:pass') continue;
            if (details?.type === 'suite') continue;
        }
        // What was left out has proven nothing.
        if (event.data.skip !== undefined) {
            yield `  left out: ${name}: ${event.data.skip}\n`;
            continue;
        }
        const passed = event.type === 'test:pass';
        results.push({test: name, suite: 'node', result: passed ? 'passed' : 'failed'});
        yield `  ${passed ? 'ok    ' : 'FAILED'} ${name}\n`;
        if (!passed) yield `${details?.error?.cause?.stack ?? details?.error?.stack ?? ''}\n`;
    }
    writeFileSync(process.env.RESULTS_FILE, JSON.stringify(results, null, 1));
}
