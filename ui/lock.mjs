// Writes package-lock.json anew without the addresses that packages were fetched from: the hashes say
// what they are, and everybody has their own registry.
import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';

execFileSync('npm', ['install', '--package-lock-only', '--silent', '--omit-lockfile-registry-resolved=false'], {stdio: 'inherit'});
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
for (const entry of Object.values(lock.packages)) delete entry.resolved;
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
