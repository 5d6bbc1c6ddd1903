// Keys that sign and stay in this browser: no script can read one out of it, ours neither.
import {toText} from './wire.js';

const curve = {name: 'ECDSA', namedCurve: 'P-256'};

export async function makeKey() {
    const {privateKey, publicKey} = await crypto.subtle.generateKey(curve, false, ['sign', 'verify']);
    return {privateKey, publicText: toText(await crypto.subtle.exportKey('spki', publicKey))};
}

// Each part with its size in front, the first saying what for.
function statement(parts) {
    const pieces = parts.map((part) => typeof part === 'string' ? new TextEncoder().encode(part) : part);
    const out = new Uint8Array(pieces.reduce((size, piece) => size + 4 + piece.length, 0));
    const view = new DataView(out.buffer);
    let at = 0;
    for (const piece of pieces) {
        view.setUint32(at, piece.length);
        out.set(piece, at + 4);
        at += 4 + piece.length;
    }
    return out;
}

export const sign = async (privateKey, ...parts) =>
    toText(await crypto.subtle.sign({...curve, hash: 'SHA-256'}, privateKey, statement(parts)));

// A database of this name for keys. The function that comes back gives what `work` asked of its store.
export function openPlace(name) {
    return (mode, work) => new Promise((good, bad) => {
        const opening = indexedDB.open(name, 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore('key');
        opening.onerror = () => bad(opening.error);
        opening.onsuccess = () => {
            const transaction = opening.result.transaction('key', mode);
            const request = work(transaction.objectStore('key'));
            transaction.oncomplete = () => { opening.result.close(); good(request.result); };
            transaction.onerror = () => bad(transaction.error);
        };
    });
}
