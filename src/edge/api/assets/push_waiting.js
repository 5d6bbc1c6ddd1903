// While a phone is asked: comes back with the way on once it has answered or the minute is over. The
// page isn't reloaded before, so nobody who reads or listens to it loses their place.
const askMilliseconds = 2000;

async function isSettled() {
    try {
        const answer = await fetch(location.href, {headers: {accept: 'application/json'}});
        // A refusal has its own page.
        if (!answer.ok) return true;
        return (await answer.json()).settled;
    } catch {
        return false;  // no network for a moment
    }
}

async function ask() {
    if (await isSettled()) location.reload();
    else setTimeout(ask, askMilliseconds);
}

setTimeout(ask, askMilliseconds);
