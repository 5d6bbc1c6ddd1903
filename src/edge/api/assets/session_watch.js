// Warns before a session ends, and keeps what was typed until its person is back. The server alone
// says how much time is left: this browser's clock is never asked for it. Asking in the background
// keeps nobody signed in; the button does.
'use strict';
(() => {
    const box = document.getElementById('session-watch');
    if (!box) return;
    const text = box.querySelector('p');
    const button = box.querySelector('button');
    const {session, person} = box.dataset;
    const say = document.documentElement.lang === 'de' ? {
        minutes: (count) => `in ${count} Minuten`,
        minute: 'in einer Minute',
        less: 'in weniger als einer Minute',
        cap: (when) => `Sie werden ${when} abgemeldet: Eine Sitzung hat eine Höchstdauer. Was Sie hier eingegeben haben, bleibt Ihnen erhalten.`,
        idle: (when) => `Sie werden ${when} abgemeldet, weil nichts getan wurde. Was Sie hier eingegeben haben, bleibt Ihnen erhalten.`,
        back: 'Was Sie hier eingegeben hatten, ist wieder da.',
    } : {
        minutes: (count) => `in ${count} minutes`,
        minute: 'in a minute',
        less: 'in less than a minute',
        cap: (when) => `You will be signed out ${when}: a session has a longest time. What you typed here is kept for you.`,
        idle: (when) => `You will be signed out ${when}, because nothing was done. What you typed here is kept for you.`,
        back: 'What you had typed here is back.',
    };
    const warnSeconds = 180;  // browsers wake pages in the background once a minute: 2 are left
    const askSeconds = 30;
    let timer;
    let watchesBadge = false;

    // What was typed: in this tab's own storage, for the same person on the same page only.
    const prefix = 'sallyport-draft ';
    const draftKey = prefix + location.pathname + location.search;
    const draftBytesMax = 64 * 1024;
    const draftHoursMax = 8;
    const secretNames = /^(code|passphrase|repeated|password|ticket|csrf)$/;
    const secretCompletions = /^(off|one-time-code|current-password|new-password)$/;
    const typedTypes = /^(text|search|tel|url|email|number|date|time|datetime-local|textarea|select-one)$/;

    const keepable = (field) => field.name && typedTypes.test(field.type) &&
        !secretNames.test(field.name) && !secretCompletions.test(field.autocomplete);

    const draftKeys = () => Object.keys(sessionStorage).filter((key) => key.startsWith(prefix));

    function read(key) {
        try {
            return JSON.parse(sessionStorage.getItem(key));
        } catch {
            return null;
        }
    }

    function write(key, draft) {
        const json = JSON.stringify(draft);
        if (json.length > draftBytesMax) return;
        try {
            sessionStorage.setItem(key, json);
        } catch {
            // A full or forbidden storage: then nothing is kept.
        }
    }

    function forget(which = () => true) {
        for (const key of draftKeys()) {
            if (which(read(key))) sessionStorage.removeItem(key);
        }
    }

    const forms = () => [...document.querySelectorAll('main form[method=post]')];

    const isTyped = (field) => field.type !== 'select-one' && field.value !== field.defaultValue;

    function save() {
        const draft = {person, at: Date.now(), forms: {}};
        for (const form of forms()) {
            const typed = [...form.elements].filter(keepable)
                .filter((field) => field.type === 'select-one' || isTyped(field))
                .map((field) => [field.name, field.value]);
            if (typed.length) draft.forms[form.getAttribute('action')] = Object.fromEntries(typed);
        }
        write(draftKey, draft);
    }

    function restore() {
        const draft = read(draftKey);
        if (!draft) return;
        let restored = false;
        for (const form of forms()) {
            const typed = draft.forms[form.getAttribute('action')] ?? {};
            for (const field of [...form.elements].filter(keepable)) {
                // Who types faster than this script comes keeps what they type.
                if (!Object.hasOwn(typed, field.name) || isTyped(field)) continue;
                if (field.value === typed[field.name]) continue;
                field.value = typed[field.name];
                restored = true;
            }
        }
        if (!restored) return;
        const note = document.createElement('p');
        note.className = 'note';
        note.setAttribute('role', 'status');
        document.querySelector('main').prepend(note);
        note.textContent = say.back;
    }

    function settleDrafts() {
        const old = Date.now() - draftHoursMax * 3600 * 1000;
        forget((draft) => draft?.person !== person || draft.at < old);
        // A form that was sent and then held up (a fresh proof, something to correct) is not done.
        const heldUp = location.pathname === '/step-up' || document.querySelector('main [role=alert]');
        for (const key of draftKeys()) {
            const draft = read(key);
            if (draft.sent !== session) continue;
            if (heldUp) write(key, {...draft, sent: undefined});
            else if (key === draftKey) sessionStorage.removeItem(key);
        }
    }

    function leave() {
        const back = location.pathname.startsWith('/api/') ? '/' : location.pathname + location.search;
        location.replace('/unlock?next=' + encodeURIComponent(back));
    }

    function tell(left, atItsCap) {
        if (left > warnSeconds) {
            box.hidden = true;
            text.textContent = '';
            return;
        }
        const minutes = Math.floor(left / 60);
        const when = minutes >= 2 ? say.minutes(minutes) : minutes === 1 ? say.minute : say.less;
        const words = atItsCap ? say.cap(when) : say.idle(when);
        box.hidden = false;
        button.hidden = atItsCap;
        if (text.textContent !== words) text.textContent = words;
    }

    // At a badge reader the screen goes when the badge does. One tab watches and tells the others.
    function watchBadge() {
        if (watchesBadge) return;
        watchesBadge = true;
        const pause = (milliseconds) => new Promise((over) => setTimeout(over, milliseconds));
        navigator.locks.request('sallyport-badge', async () => {
            for (;;) {
                let next = 2000;
                try {
                    const answer = await fetch('/api/workstation/watch', {headers: {accept: 'application/json'}, cache: 'no-store'});
                    const {locked, held} = answer.ok ? await answer.json() : {};
                    if (locked) {
                        others.postMessage('locked');
                        return leave();
                    }
                    if (held) next = 0;
                } catch {
                    // The network is gone for now.
                }
                await pause(next);
            }
        });
    }

    async function ask(path = '/api/session') {
        clearTimeout(timer);
        let next = askSeconds;
        try {
            const answer = await fetch(path, {headers: {accept: 'application/json'}, cache: 'no-store'});
            if (answer.status === 401) return leave();
            if (answer.ok) {
                const {idle_left_seconds: idle, left_seconds: whole, badge_reader: atReader} = await answer.json();
                if (atReader) watchBadge();
                const left = Math.min(idle, whole);
                tell(left, whole <= idle);
                next = Math.min(askSeconds, Math.max(1, left > warnSeconds ? left - warnSeconds : left));
            }
        } catch {
            // The network is gone for now; the server counts on.
        }
        timer = setTimeout(ask, next * 1000);
    }

    const others = new BroadcastChannel('sallyport-session');
    others.addEventListener('message', ({data}) => {
        if (data === 'signed out') forget();
        ask();
    });
    button.addEventListener('click', async () => {
        await ask('/api/session/continue');
        others.postMessage('continued');
    });
    document.addEventListener('input', save);
    document.addEventListener('submit', ({target}) => {
        if (target.getAttribute('action') === '/api/session/end') {
            forget();
            others.postMessage('signed out');
            return;
        }
        const draft = read(draftKey);
        if (draft) write(draftKey, {...draft, sent: session});
    });
    document.addEventListener('visibilitychange', () => { if (!document.hidden) ask(); });
    addEventListener('pageshow', ({persisted}) => { if (persisted) ask(); });

    settleDrafts();
    restore();
    if (forms().some((form) => [...form.elements].some((field) => keepable(field) && isTyped(field)))) save();
    ask();
})();
