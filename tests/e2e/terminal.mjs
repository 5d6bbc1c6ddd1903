// A person at a terminal: types when the question is there.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {binary, root} from './house.mjs';

export class Terminal {
    // `words` of sallyport, with the session kept in `session`; the shell around it then does `next`.
    constructor(session, words, {next} = {}) {
        this.shown = '';
        this.read = 0;
        const shell = next ? ['bash', '-c', `trap : INT; "$@"; ${next}`, 'sallyport'] : [];
        this.child = spawn('python3', [join(root, 'tests/support/in_terminal.py'), ...shell, binary, ...words], {
            env: {...process.env, SALLYPORT_SESSION: session}, stdio: ['pipe', 'pipe', 'inherit'],
        });
        this.ended = once(this.child, 'close');
        this.child.stdout.on('data', (chunk) => { this.shown += chunk; this.#look?.(); });
        this.child.on('close', () => this.#look?.());
    }

    #look;

    // Everything from the last question to the end of this one; fails when the command ends first.
    async asked(question) {
        for (;;) {
            const at = this.shown.indexOf(question, this.read);
            if (at >= 0) {
                const said = this.shown.slice(this.read, at);
                this.read = at + question.length;
                return said;
            }
            if (this.child.exitCode !== null) throw new Error(`never asked "${question}":\n${this.shown}`);
            await new Promise((good) => { this.#look = good; });
        }
    }

    type(line) { this.child.stdin.write(`${line}\n`); }

    async answer(question, line) {
        const said = await this.asked(question);
        this.type(line);
        return said;
    }

    async end() {
        const [code] = await this.ended;
        return {code, shown: this.shown, rest: this.shown.slice(this.read)};
    }
}
