/** The listener for what is published: plain HTTP, since what it hands out is signed and who asks is nobody in particular. */
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';

import type { ServerLog } from '../server-event.ts';
import { listenRefusal } from '../listen-refusal.ts';
import { isHadAlready } from './conditional.ts';
import { type PublishedAnswer, type PublishedRequest, type PublishedRoute, publishedText } from './published-route.ts';

export interface PublishingListener {
  /** `http://host:port`. */
  readonly url: string;
  close(): Promise<void>;
}

export interface PublishingListenerOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly routes: readonly PublishedRoute[];
  readonly log: ServerLog;
  /** After which a connection ends on which nothing moves; default 30 s. */
  readonly stalledMs?: number;
}

/** Who takes nothing of an answer holds its octets here. Own choice. */
const stalledMsByDefault = 30_000;

/** A question is a few hundred octets, and whoever needs longer for it holds a connection that others wait for. Own choice. */
const requestTimeoutMs = 10_000;

/** Between two questions of one asker: relying parties ask once in hours. Own choice. */
const idleMs = 5_000;

/** At some 20 KB each they take 80 MB. Own choice; caches in front are what takes crowds. */
const mostConnections = 4_000;

export async function listenForPublishing(options: PublishingListenerOptions): Promise<PublishingListener> {
  const { listen, log, routes, stalledMs = stalledMsByDefault } = options;
  for (const route of routes) await route.ready?.();
  const server = createServer(
    {
      maxHeaderSize: 16 * 1024,
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      keepAliveTimeout: idleMs,
      connectionsCheckingInterval: 1_000,
    },
    publishingHandler(routes, log),
  );
  server.maxConnections = mostConnections;
  server.timeout = stalledMs;
  const url = await new Promise<string>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ ...listen }, () => {
      server.off('error', reject);
      const address = server.address();
      if (typeof address !== 'object' || address === null) reject(new TypeError('not a TCP socket'));
      else resolve(urlOf(listen.host, address.port));
    });
  }).catch((error: unknown) => {
    throw listenRefusal(error, `${listen.host}:${String(listen.port)}`);
  });
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Apart from the listener, for who serves it elsewhere. */
export function publishingHandler(
  routes: readonly PublishedRoute[],
  log: ServerLog,
): (request: IncomingMessage, response: ServerResponse) => void {
  const longestFirst = [...routes].sort((one, other) => other.prefix.length - one.prefix.length);

  const answerWith = (
    route: PublishedRoute,
    asked: PublishedRequest,
    request: IncomingMessage,
    response: ServerResponse,
  ): void => {
    const failed = (error: unknown): void => {
      log({ event: 'failed', what: `publishing ${route.prefix}`, why: String(error) });
      send(request, response, publishedText(500, 'failed'));
    };
    try {
      const answer = route.answer(asked);
      // Most are ready: a turn of the loop more would be felt (a promise takes a microsecond, and the answer waits for it).
      if (answer instanceof Promise) answer.then((said) => send(request, response, said), failed);
      else send(request, response, answer);
    } catch (error) {
      failed(error);
    }
  };

  const withBody = (
    route: PublishedRoute,
    most: number,
    asked: PublishedRequest,
    request: IncomingMessage,
    response: ServerResponse,
  ): void => {
    readBody(request, most, (body) => {
      if (body === undefined) refuse(request, response, publishedText(413, `at most ${String(most)} octets`));
      else answerWith(route, { ...asked, body }, request, response);
    });
  };

  return (request, response) => {
    const { method } = request;
    const path = pathOf(request.url ?? '');
    const route = longestFirst.find(({ prefix }) => path.startsWith(prefix));
    if (route === undefined) {
      refuse(request, response, publishedText(404, 'not found'));
      return;
    }
    const { prefix, mostBodyOctets } = route;
    const rest = path.slice(prefix.length);
    if (method === 'GET' || method === 'HEAD') {
      // Whose headers are not looked at costs a tenth less: Node makes them ready when they are.
      answerWith(route, { method: 'GET', path: rest, body: nothing, type: undefined }, request, response);
    } else if (method === 'POST' && mostBodyOctets !== undefined) {
      const { 'content-type': type } = request.headers;
      withBody(route, mostBodyOctets, { method, path: rest, body: nothing, type }, request, response);
    } else {
      refuse(request, response, notAllowed(mostBodyOctets === undefined ? 'GET, HEAD' : 'GET, HEAD, POST'));
    }
  };
}

function notAllowed(allow: string): PublishedAnswer {
  const answer = publishedText(405, `${allow} alone`);
  return { ...answer, headers: { ...answer.headers, allow } };
}

const nothing = new Uint8Array();

/** Without the query, and from an absolute form, too, which a proxy sends (RFC 9112, 3.2.2). */
function pathOf(target: string): string {
  const path = target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/]*/i, '');
  const query = path.indexOf('?');
  return query === -1 ? path : path.slice(0, query);
}

/** Handed `undefined`, once, where it is longer; nothing where the asker goes away. */
function readBody(request: IncomingMessage, most: number, done: (body: Uint8Array | undefined) => void): void {
  const parts: Buffer[] = [];
  let octets = 0;
  let told = false;
  const tell = (body: Uint8Array | undefined): void => {
    if (!told) done(body);
    told = true;
  };
  if (Number(request.headers['content-length'] ?? 0) > most) {
    tell(undefined);
    return;
  }
  request.on('data', (part: Buffer) => {
    octets += part.length;
    if (octets > most) tell(undefined);
    else parts.push(part);
  });
  request.on('end', () => {
    const [first = nothing] = parts;
    tell(parts.length > 1 ? Buffer.concat(parts) : first);
  });
  request.on('error', () => undefined);
}

/** The rest of what was sent is not read: the connection ends with the answer. */
function refuse(request: IncomingMessage, response: ServerResponse, answer: PublishedAnswer): void {
  if (!request.complete) response.shouldKeepAlive = false;
  send(request, response, answer);
  request.resume();
}

function send(request: IncomingMessage, response: ServerResponse, answer: PublishedAnswer): void {
  if (response.headersSent || response.destroyed) return;
  const { status, bytes, headers } = answer;
  if (status === 200 && isConditional(request.rawHeaders) && isHadAlready(request.headers, headers)) {
    response.writeHead(304, headers);
    response.end();
    return;
  }
  response.writeHead(status, wholeHeaders(answer));
  // Node sends no body for HEAD.
  response.end(bytes);
}

/** What is answered again and again, with the same object, is made ready once. */
const whole = new WeakMap<PublishedAnswer, OutgoingHttpHeaders>();

function wholeHeaders(answer: PublishedAnswer): OutgoingHttpHeaders {
  const known = whole.get(answer);
  if (known !== undefined) return known;
  const { type, bytes, headers } = answer;
  const made = {
    'content-type': type,
    'content-length': String(bytes.length),
    'x-content-type-options': 'nosniff',
    ...headers,
  };
  whole.set(answer, made);
  return made;
}

function isConditional(rawHeaders: readonly string[]): boolean {
  for (let at = 0; at < rawHeaders.length; at += 2) if (/^if-/i.test(rawHeaders[at] ?? '')) return true;
  return false;
}

function urlOf(host: string, port: number): string {
  return `http://${isIP(host) === 6 ? `[${host}]` : host}:${String(port)}`;
}
