/** What a request of Node's presents as its token: every Authorization header, also a second one, which `headers` keeps to itself. */
import type { PresentedCredentials } from '../../identity/bound-tokens/index.ts';

/** What is used of a request of node:http or node:http2. */
export interface RequestLike {
  /** Names and values in turns. */
  readonly rawHeaders: readonly string[];
  readonly url?: string | undefined;
  /** Where a framework has read it already. */
  readonly body?: unknown;
}

const parameter = 'access_token';

export function presentedIn({ rawHeaders, url = '', body }: RequestLike): PresentedCredentials {
  const authorization: string[] = [];
  let isForm = false;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    // By their length first: this is done for every header of every request.
    if (name.length === 13 && name.toLowerCase() === 'authorization') authorization.push(rawHeaders[at + 1] ?? '');
    if (name.length === 12 && name.toLowerCase() === 'content-type')
      isForm ||= (rawHeaders[at + 1] ?? '').toLowerCase().includes('application/x-www-form-urlencoded');
  }
  return { authorization, elsewhere: isInQuery(url) || (isForm && isInBody(body)) };
}

function isInQuery(url: string): boolean {
  const at = url.indexOf('?');
  return at !== -1 && new URLSearchParams(url.slice(at + 1)).has(parameter);
}

function isInBody(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, parameter);
}
