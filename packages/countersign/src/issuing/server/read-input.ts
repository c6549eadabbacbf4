/** What a request says: the query of a GET, the JSON body of a POST; bounded in size and time. */
import type { IncomingMessage } from 'node:http';

import type { Clock } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { largestRequestBytes } from '../../runtime/api/index.ts';

/** 10 s for 64 KiB: slower than any line that a handshake came through. */
const longestMs = 10_000;

/** @param most octets of a body */
export async function readInput(
  request: IncomingMessage,
  clock: Clock,
  most: number = largestRequestBytes,
): Promise<unknown> {
  if (request.method === 'GET') return queryOf(request.url ?? '');
  // Also against pages in a browser: a form can not send this type (WHATWG Fetch, CORS-safelisted request-headers).
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    throw new Refusal('CS-ACCESS-006', { rule: 'the type of the body is application/json' });
  if (request.headers['content-encoding'] !== undefined)
    throw new Refusal('CS-ACCESS-006', { rule: 'the body is not encoded' });
  return parseJson(await readBody(request, clock, most));
}

function queryOf(url: string): Record<string, string> {
  const query = new URLSearchParams(url.split('?', 2)[1] ?? '');
  const names = [...query.keys()];
  if (new Set(names).size !== names.length) throw new Refusal('CS-ACCESS-006', { rule: 'each parameter once' });
  return Object.fromEntries(query);
}

/** Bounded in size and time, whatever its type. */
export function readBody(request: IncomingMessage, clock: Clock, most: number): Promise<Buffer> {
  const tooLarge = (): Refusal => new Refusal('CS-ACCESS-005', { maximum: `${String(most)} bytes` });
  if (Number(request.headers['content-length'] ?? 0) > most) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    const fail = (refusal: Refusal): void => {
      timer.cancel();
      request.pause();
      reject(refusal);
    };
    const timer = clock.after(longestMs, () =>
      fail(new Refusal('CS-ACCESS-006', { rule: `the body comes within ${String(longestMs / 1000)} s` })),
    );
    request.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes > most) fail(tooLarge());
      else parts.push(part);
    });
    // The caller is gone: nobody reads the answer, but whatever waits for the body must end.
    const gone = (): void => fail(new Refusal('CS-ACCESS-006', { rule: 'the body is whole' }));
    request.once('end', () => {
      timer.cancel();
      request.off('close', gone);
      resolve(Buffer.concat(parts));
    });
    request.once('close', gone);
  });
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    // Without the cause: the parser quotes the text, which may hold a token.
    throw new Refusal('CS-ACCESS-006', { rule: 'the body is JSON in UTF-8' });
  }
}
