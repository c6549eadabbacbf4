/** Calls what a server's owner gave to serve streams of HTTP/2 with, after what node:http2 does of itself where it serves requests. */
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Refusal } from '../../../ground/errors/index.ts';
import { respondHttp2Refusal } from '../refusals/http2-answer.ts';
import type { Telling } from '../refusals/refusal-body.ts';
import { serving } from './serving.ts';

export type StreamHandler = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  rawHeaders: readonly string[],
) => void;

/** What no server here does of itself, and nobody is to be served with; of an upgrade only before its turn. */
export type Unserved = 'CONNECT' | 'Expect' | 'Upgrade';

export type UnservedStreamHandler = (
  what: Unserved,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  rawHeaders: readonly string[],
) => void;

const ignore = (): void => undefined;

/**
 * @param onFailure is told of what `handler` threw; the stream has ended with it by then
 * @param refuse answers what is not served; without it that is answered by its status alone
 */
export function servingStreams(
  handler: StreamHandler,
  telling: Telling,
  onFailure: (refusal: Refusal, stream: ServerHttp2Stream) => void,
  refuse: UnservedStreamHandler = (what, stream) => respondStatus(stream, what === 'CONNECT' ? 405 : 417),
): (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number, rawHeaders: readonly string[]) => void {
  const fail = (refusal: Refusal, stream: ServerHttp2Stream): void => {
    onFailure(refusal, stream);
    if (stream.headersSent) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else respondHttp2Refusal(stream, refusal, telling, refusal.http);
  };
  const serve = serving('request', handler, fail);
  const deny = serving('request', refuse, (refusal, _what, stream) => fail(refusal, stream));
  return (stream, headers, _flags, rawHeaders) => {
    // Without a listener it would end the process; what comes of it is seen in how the stream closes.
    stream.on('error', ignore);
    if (headers[':method'] === 'CONNECT') deny('CONNECT', stream, headers, rawHeaders);
    else if (headers.expect !== undefined && headers.expect !== '100-continue')
      deny('Expect', stream, headers, rawHeaders);
    else {
      if (headers.expect !== undefined) stream.additionalHeaders({ ':status': 100 });
      serve(stream, headers, rawHeaders);
    }
  };
}

function respondStatus(stream: ServerHttp2Stream, status: number): void {
  stream.respond({ ':status': status }, { endStream: true });
  stream.resume();
}
