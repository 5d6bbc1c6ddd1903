// The key of this sign-in, which opening a device is signed with: a cookie that was copied to another
// browser opens none. Its public half goes along with the form that ends the sign-in.
import {makeKey, openPlace} from './browser_keys.js';

export const place = openPlace('sallyport-sender');
const keptMs = 2 * 24 * 3600 * 1000;  // longer than any session lasts

const keep = (publicText, key) => place('readwrite', (store) => {
    store.openCursor().onsuccess = ({target: {result: at}}) => {
        if (!at) return;
        if (Date.now() - at.value.made > keptMs) at.delete();
        at.continue();
    };
    return store.put({key, made: Date.now()}, publicText);
});

async function make(fields) {
    const {privateKey, publicText} = await makeKey();
    await keep(publicText, privateKey);
    for (const field of fields) field.value = publicText;
    return publicText;
}

// Where there is no place for keys, its person is signed in all the same, and told at the devices.
const fields = document.querySelectorAll('input[name=sender_key]');
let made = fields.length === 0;
export const senderKey = made ? Promise.resolve('') : make(fields).catch(() => '').finally(() => { made = true; });

// Whoever is quicker than the key waits for it.
document.addEventListener('submit', async (event) => {
    const form = event.target;
    if (made || event.defaultPrevented || !form.elements.sender_key) return;
    event.preventDefault();
    await senderKey;
    form.submit();
});
