/** OCSP over HTTP (RFC 6960, A.1; RFC 9919): the request in the path of a GET or the body of a POST, and what caches are told. */
import { toHttpDate } from './http-date.ts';
import type { OcspKind, OcspReply, OcspResponder } from '../../ocsp/index.ts';
import { type PublishedAnswer, type PublishedRoute, publishedText } from './published-route.ts';

export type OcspCounts = Record<OcspKind, number>;

export function ocspCounts(): OcspCounts {
  return { good: 0, revoked: 0, unknown: 0, several: 0, error: 0 };
}

export const ocspPrefix = '/ocsp';

/** A request about 16 certificates has 2 KB; some are signed, with certificates. Own choice. */
const mostRequestOctets = 16 * 1024;

/** RFC 9919, 5: a GET is for requests of up to 255 octets, encoded; some clients send more. */
const mostPathCharacters = 1_024;

/** Paths of which the request is remembered: with what was read of it some two kilobytes, of the longest four. Own choice. */
const mostPaths = 10_000;

/** What a cache may hand on without a look: a revocation is to reach everybody in a minute. Own choice. */
const maxAgeSeconds = 60;

const type = 'application/ocsp-response';

/**
 * @param responder known once the listener is to open
 * @param counts how often each kind was answered, counted on here
 */
export function ocspRoute(
  responder: () => Pick<OcspResponder, 'answer'> | undefined,
  counts: OcspCounts = ocspCounts(),
): PublishedRoute {
  const said = (reply: OcspReply | Promise<OcspReply>): PublishedAnswer | Promise<PublishedAnswer> =>
    reply instanceof Promise ? reply.then(counted) : counted(reply);
  const counted = (reply: OcspReply): PublishedAnswer => {
    counts[reply.kind]++;
    return answerOf(reply);
  };
  const requests = new Map<string, Uint8Array>();
  const requestIn = (path: string): Uint8Array | undefined => {
    const known = requests.get(path);
    if (known !== undefined) return known;
    const request = requestOf(path.slice(1));
    if (request === undefined) return undefined;
    if (requests.size >= mostPaths) requests.clear();
    requests.set(path, request);
    return request;
  };
  return {
    prefix: ocspPrefix,
    mostBodyOctets: mostRequestOctets,
    answer: ({ method, path, body }) => {
      if (path !== '' && !path.startsWith('/')) return publishedText(404, 'not found');
      const answering = responder();
      if (answering === undefined) return publishedText(503, 'not yet');
      if (method === 'POST') return said(answering.answer(body));
      const request = requestIn(path);
      return request === undefined
        ? publishedText(400, 'a request in base64 after the slash')
        : said(answering.answer(request));
    },
  };
}

/** Base64 with or without percent signs. A slash belongs to it: two of them are not one. */
function requestOf(path: string): Uint8Array | undefined {
  if (path === '' || path.length > mostPathCharacters) return undefined;
  const text = path.includes('%') ? percentDecoded(path) : path;
  return text !== undefined && /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}

function percentDecoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** What is kept by the responder is made into an answer once. */
const made = new WeakMap<OcspReply, PublishedAnswer>();

function answerOf(reply: OcspReply): PublishedAnswer {
  const { bytes, cache } = reply;
  const known = made.get(reply);
  if (known !== undefined) return known;
  if (cache === undefined) return { status: 200, type, bytes, headers: { 'cache-control': 'no-store' } };
  const { tag, thisUpdateMs, nextUpdateMs } = cache;
  const answer: PublishedAnswer = {
    status: 200,
    type,
    bytes,
    headers: {
      'cache-control': `max-age=${String(maxAgeSeconds)}, public, no-transform, must-revalidate`,
      etag: `"${tag}"`,
      'last-modified': toHttpDate(thisUpdateMs),
      expires: toHttpDate(nextUpdateMs),
    },
  };
  made.set(reply, answer);
  return answer;
}
