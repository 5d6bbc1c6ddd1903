// At a workstation with a badge reader: the page comes again as soon as another badge is on the reader
// than the one that it speaks of. The request is held by the server; this browser keeps no time.
const {tap, again} = document.querySelector('script[data-tap]').dataset;
const pauseMilliseconds = 2000;

async function watch() {
    const pause = () => setTimeout(watch, pauseMilliseconds);
    try {
        const path = `/api/workstation/tap?seen=${encodeURIComponent(tap)}`;
        const answer = await fetch(path, {headers: {accept: 'application/json'}, cache: 'no-store'});
        if (!answer.ok) return pause();
        const {changed, held} = await answer.json();
        if (changed) location.replace(again);  // without what this address said of the badge before
        else if (held) watch();
        else pause();
    } catch {
        pause();  // no network for a moment
    }
}

watch();
