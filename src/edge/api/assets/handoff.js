// Opens a device: signs the server's challenge with the key that this browser made at sign-in, and
// goes on by itself.
import {sign} from './browser_keys.js';
import {place} from './sender_key.js';
import {call, inWords, say} from './wire.js';

const form = document.getElementById('handoff');
const status = document.getElementById('status');

async function goOn({challenge, host, nonce, key}) {
    const kept = await place('readonly', (store) => store.get(key));
    if (!kept) {
        const what = say('This browser does not hold the key of this sign-in.',
            'Dieser Browser hat den Schlüssel dieser Anmeldung nicht.');
        throw Object.assign(new Error(what), {
            remedy: say('Sign out and sign in again, in this browser.',
                'Melden Sie sich ab und in diesem Browser wieder an.'),
        });
    }
    const signature = await sign(kept.key, 'sallyport handoff v1', challenge, host, nonce, location.origin);
    const {address} = await call('POST', form.action, {challenge, signature}, form.elements.csrf.value);
    location.replace(address);
}

goOn(form.dataset).catch((error) => {
    status.textContent = inWords(error);
    document.getElementById('again').hidden = false;
});
