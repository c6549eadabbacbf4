/** A request as it came, over either version of HTTP. */
import { IncomingMessage } from 'node:http';
import { constants, type Http2ServerRequest, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Readable } from 'node:stream';
import { isNamed } from './program-headers.ts';
import type { CallersConnection } from './program.ts';

export interface Asked {
  readonly method: string;
  readonly target: string;
  /** name, value, name, value, as node:http has them. */
  readonly rawHeaders: readonly string[];
  readonly body: Readable;
  readonly hasBody: boolean;
  /** Of the body, once it has ended: one of HTTP/2 that was cut off ends in Node as any other. */
  isWhole(): boolean;
  readonly connection: CallersConnection;
  /** Known when the body has ended. */
  trailers(): readonly string[];
  /** Nobody takes the body. */
  drop(): void;
}

/** @returns `undefined` for a request that two readers could take for two hosts, and one of HTTP/2 that has no form in HTTP/1.1 */
export function askedBy(request: IncomingMessage | Http2ServerRequest): Asked | undefined {
  return request instanceof IncomingMessage ? askedOverHttp1(request) : askedOverHttp2(request);
}

function askedOverHttp1(request: IncomingMessage): Asked | undefined {
  const { method = 'GET', rawHeaders, headers, socket } = request;
  const target = targetOverHttp1(request);
  if (target === undefined) return undefined;
  const hasBody = headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
  return new Http1Asked(request, { method, target, rawHeaders, hasBody, connection: socket });
}

type AskedHeader = Pick<Asked, 'method' | 'target' | 'rawHeaders' | 'hasBody' | 'connection'>;

class Http1Asked implements Asked {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  readonly hasBody: boolean;
  readonly connection: CallersConnection;
  readonly body: IncomingMessage;

  constructor(request: IncomingMessage, { method, target, rawHeaders, hasBody, connection }: AskedHeader) {
    this.method = method;
    this.target = target;
    this.rawHeaders = rawHeaders;
    this.hasBody = hasBody;
    this.connection = connection;
    this.body = request;
  }

  isWhole(): boolean {
    return this.body.complete;
  }

  trailers(): readonly string[] {
    return this.body.rawTrailers;
  }

  drop(): void {
    // Node ends one without a body by itself, with the answer.
    if (this.hasBody) this.body.resume();
  }
}

/**
 * Path and query. Node lets a second `Host` pass, which RFC 9112, 3.2 forbids; of an absolute target it leaves the host to who reads it, and whoever does
 * must take it before `Host` (3.2.2), which alone was compared with the handshake's.
 */
export function targetOverHttp1({ method, url = '', rawHeaders }: IncomingMessage): string | undefined {
  let host: string | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length !== 4 || name.toLowerCase() !== 'host') continue;
    if (host !== undefined) return undefined;
    host = rawHeaders[at + 1] ?? '';
  }
  if (url.startsWith('/') || (url === '*' && method === 'OPTIONS')) return url;
  const [, authority, path = ''] = /^https?:\/\/([^/?#]+)([/?][^#]*)?$/i.exec(url) ?? [];
  if (authority === undefined || authority.toLowerCase() !== host?.toLowerCase()) return undefined;
  return path.startsWith('/') ? path : `/${path}`;
}

function askedOverHttp2(request: Http2ServerRequest): Asked | undefined {
  const { stream, headers, rawHeaders } = request;
  const { ':method': method = '', ':path': target = '', ':scheme': scheme, ':authority': authority } = headers;
  const host = authority ?? headers.host;
  // RFC 9113, 8.3.1; nghttp2 holds only https and http to it.
  if (scheme !== 'https' || host === undefined || host === '' || stream.session === undefined) return undefined;
  if (!target.startsWith('/') && !(target === '*' && method === 'OPTIONS')) return undefined;
  return {
    method,
    target,
    rawHeaders: overHttp1(rawHeaders, host),
    // Not the stream below it, from which node:http2 would still read for this one.
    body: request,
    isWhole: () => !stream.aborted && stream.rstCode === constants.NGHTTP2_NO_ERROR,
    hasBody: !stream.endAfterHeaders,
    connection: stream.session,
    trailers: () => request.rawTrailers,
    drop: () => void request.resume(),
  };
}

/** One of node:http2's own streams, without what it puts above them for the likeness with HTTP/1.1. @returns as `askedBy` */
export function askedOverStream(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  rawHeaders: readonly string[],
): Asked | undefined {
  const { ':method': method = '', ':path': target = '', ':scheme': scheme, ':authority': authority } = headers;
  const host = authority ?? headers.host;
  const connection = stream.session;
  if (scheme !== 'https' || host === undefined || host === '' || connection === undefined) return undefined;
  if (!target.startsWith('/') && !(target === '*' && method === 'OPTIONS')) return undefined;
  const hasBody = !stream.endAfterHeaders;
  return new StreamAsked(stream, { method, target, rawHeaders: overHttp1(rawHeaders, host), hasBody, connection });
}

class StreamAsked implements Asked {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  readonly hasBody: boolean;
  readonly connection: CallersConnection;
  readonly body: ServerHttp2Stream;
  #trailers: readonly string[] = [];

  constructor(stream: ServerHttp2Stream, { method, target, rawHeaders, hasBody, connection }: AskedHeader) {
    this.method = method;
    this.target = target;
    this.rawHeaders = rawHeaders;
    this.hasBody = hasBody;
    this.connection = connection;
    this.body = stream;
    if (hasBody)
      stream.on('trailers', (_headers: unknown, _flags: number, rawTrailers: readonly string[]) => {
        this.#trailers = rawTrailers;
      });
  }

  isWhole(): boolean {
    return !this.body.aborted && this.body.rstCode === constants.NGHTTP2_NO_ERROR;
  }

  trailers(): readonly string[] {
    return this.#trailers;
  }

  drop(): void {
    // Node ends one without a body by itself; where that is ahead of the answer, it makes an error of it for nobody.
    if (this.hasBody) this.body.resume();
  }
}

/** A header of HTTP/2 as HTTP/1.1 has it. @param host what `:authority` says goes before it, and two hosts would be one too many */
function overHttp1(rawHeaders: readonly string[], host: string): readonly string[] {
  const said = ['host', host];
  let cookies = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.startsWith(':') || isNamed(name, 'host')) continue;
    if (isNamed(name, 'cookie')) cookies += 1;
    said.push(name, rawHeaders[at + 1] ?? '');
  }
  return cookies > 1 ? withOneCookie(said) : said;
}

/** HTTP/2 may split a cookie, HTTP/1.1 may not (RFC 9113, 8.2.3). */
function withOneCookie(rawHeaders: readonly string[]): readonly string[] {
  const isCookie = (at: number): boolean => isNamed(rawHeaders[at - (at % 2)] ?? '', 'cookie');
  const crumbs = rawHeaders.filter((_, at) => at % 2 === 1 && isCookie(at));
  return [...rawHeaders.filter((_, at) => !isCookie(at)), 'cookie', crumbs.join('; ')];
}
