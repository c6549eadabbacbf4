/** A request as it came, over either version of HTTP. */
import { IncomingMessage } from 'node:http';
import { constants, type Http2ServerRequest } from 'node:http2';
import type { Readable } from 'node:stream';
import { withoutPseudoHeaders } from './http2-headers.ts';
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
}

/** @returns `undefined` for a request of HTTP/2 that has no form in HTTP/1.1 */
export function askedBy(request: IncomingMessage | Http2ServerRequest): Asked | undefined {
  return request instanceof IncomingMessage ? askedOverHttp1(request) : askedOverHttp2(request);
}

function askedOverHttp1(request: IncomingMessage): Asked {
  const { method = 'GET', url = '/', rawHeaders, headers, socket } = request;
  return {
    method,
    target: url,
    rawHeaders,
    body: request,
    isWhole: () => request.complete,
    hasBody: headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0',
    connection: socket,
    trailers: () => request.rawTrailers,
  };
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
    rawHeaders: ['host', host, ...joinedCookies(withoutHost(withoutPseudoHeaders(rawHeaders)))],
    // Not the stream below it, from which node:http2 would still read for this one.
    body: request,
    isWhole: () => !stream.aborted && stream.rstCode === constants.NGHTTP2_NO_ERROR,
    hasBody: !stream.endAfterHeaders,
    connection: stream.session,
    trailers: () => request.rawTrailers,
  };
}

/** What `:authority` says goes before it, and two hosts would be one too many. */
function withoutHost(rawHeaders: readonly string[]): readonly string[] {
  return rawHeaders.filter((_, at) => rawHeaders[at - (at % 2)]?.toLowerCase() !== 'host');
}

/** HTTP/2 may split a cookie, HTTP/1.1 may not (RFC 9113, 8.2.3). */
function joinedCookies(rawHeaders: readonly string[]): readonly string[] {
  const isCookie = (at: number): boolean => rawHeaders[at - (at % 2)]?.toLowerCase() === 'cookie';
  const crumbs = rawHeaders.filter((_, at) => at % 2 === 1 && isCookie(at));
  if (crumbs.length < 2) return rawHeaders;
  return [...rawHeaders.filter((_, at) => !isCookie(at)), 'cookie', crumbs.join('; ')];
}
