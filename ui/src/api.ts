// Questions to the server, typed by docs/openapi.yaml. Refusals are problem details (RFC 9457).
import type {components, paths} from './openapi';

type Problem = components['schemas']['Problem'];

// Paths whose answer to GET is described.
type Readable = {
    [path in keyof paths]: paths[path] extends {
        get: {responses: {'2XX': {content: {'application/json': unknown}}}};
    } ? path : never;
}[keyof paths];

export type Answer<path extends Readable> = paths[path] extends {
    get: {responses: {'2XX': {content: {'application/json': infer body}}}};
} ? body : never;

// What went wrong, in words for whoever sits there.
export class Refused extends Error {
    constructor(readonly problem: Problem) {
        super(problem.title);
    }
}

export const unreachable: Problem = {
    type: 'urn:sallyport:unreachable',
    title: 'The server does not answer.',
    status: 0,
    detail: 'Check the network, then load this page again.',
    reason: 'unreachable',
};

export const problemOf = (error: unknown): Problem => (error instanceof Refused ? error.problem : unreachable);

export async function read<path extends Readable>(path: path): Promise<Answer<path>> {
    let response: Response;
    try {
        response = await fetch(path, {headers: {Accept: 'application/json'}});
    } catch {
        throw new Refused(unreachable);
    }
    if (!response.ok) throw new Refused(await problemIn(response));
    return await response.json() as Answer<path>;
}

async function problemIn(response: Response): Promise<Problem> {
    try {
        return await response.json() as Problem;
    } catch {
        return {...unreachable, status: response.status};
    }
}
