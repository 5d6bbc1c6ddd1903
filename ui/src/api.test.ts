import {afterEach, expect, test, vi} from 'vitest';
import {read, Refused} from './api';

const answerWith = (answer: () => Promise<Response>) => vi.stubGlobal('fetch', vi.fn(answer));

afterEach(() => vi.unstubAllGlobals());

test('an answer comes as it was sent, and JSON is asked for', async () => {
    answerWith(async () => Response.json({outages: ['mail'], roles: []}));
    expect(await read('/api/factor-outages')).toEqual({outages: ['mail'], roles: []});
    expect(fetch).toHaveBeenCalledWith('/api/factor-outages', {headers: {Accept: 'application/json'}});
});

test('a refusal carries the reason and the remedy of the server', async () => {
    const problem = {type: 'urn:sallyport:x', title: 'No.', status: 403, detail: 'Ask.', reason: 'x'};
    answerWith(async () => Response.json(problem, {status: 403}));
    const refused = await read('/api/factor-outages').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Refused);
    expect((refused as Refused).problem).toEqual(problem);
});

test('a server that does not answer, or not in JSON, is said to be away', async () => {
    answerWith(async () => { throw new TypeError('network'); });
    await expect(read('/api/factor-outages')).rejects.toMatchObject({problem: {reason: 'unreachable'}});
    answerWith(async () => new Response('<html>', {status: 502}));
    await expect(read('/api/factor-outages')).rejects.toMatchObject({problem: {status: 502}});
});
