// How the scripts of our pages speak to the server: bytes as base64url, JSON both ways, and what is
// refused as an error that has the server's own words.

export const toBytes = (text) => Uint8Array.from(
    atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
export const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

// In the page's language.
export const say = (english, german) => (document.documentElement.lang === 'de' ? german : english);

export async function call(method, path, body, csrf) {
    const headers = {accept: 'application/json'};
    if (body) headers['content-type'] = 'application/json';
    if (csrf) headers['x-sallyport-csrf'] = csrf;
    const answer = await fetch(path, {method, headers, body: body && JSON.stringify(body)});
    const json = await answer.json();
    if (answer.ok) return json;
    throw Object.assign(new Error(json.title ?? say('That did not work.', 'Das hat nicht geklappt.')), {remedy: json.detail, reason: json.reason});
}

export const inWords = ({message, remedy}) => `${message} ${remedy ?? ''}`;
