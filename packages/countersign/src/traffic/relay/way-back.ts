/** The way on which an answer gets back to its caller, over either version of HTTP. */
import { ServerResponse } from 'node:http';
import { constants, type Http2ServerResponse } from 'node:http2';
import type { Writable } from 'node:stream';
import { http2Headers } from './http2-headers.ts';
import type { HeaderList } from './program-headers.ts';
import type { Answer } from './program.ts';

export interface WayBack {
  readonly body: Writable;
  /** Whether the header is out: no other answer can be given then. */
  readonly begun: boolean;
  /** @throws what Node throws where the header has no form in the caller's version of HTTP */
  begin(answer: Pick<Answer, 'status' | 'reason' | 'headers' | 'bodiless'>): void;
  /** Before the end of the body. */
  trail(trailers: HeaderList): void;
  /** Ends it so that what was sent does not look whole. */
  breakOff(): void;
  /** Calls `listener` when the caller is gone, by himself or because he no longer passes, before the answer was whole. */
  onGone(listener: () => void): void;
}

export function wayBackOver(response: ServerResponse | Http2ServerResponse): WayBack {
  return response instanceof ServerResponse ? overHttp1(response) : overHttp2(response);
}

function overHttp1(response: ServerResponse): WayBack {
  return {
    body: response,
    get begun() {
      return response.headersSent;
    },
    begin: ({ status, reason, headers }) => {
      response.writeHead(status, reason, headers.flat());
    },
    trail: (trailers) => response.addTrailers(trailers.map(([name, value]): [string, string] => [name, value])),
    breakOff: () => void response.destroy(),
    onGone: (listener) => {
      response.on('close', () => {
        if (!response.writableFinished) listener();
      });
    },
  };
}

/** The stream itself but for trailers: what node:http2 puts above it for the likeness with HTTP/1.1 sends those, and knows no code of a reset. */
function overHttp2(response: Http2ServerResponse): WayBack {
  const { stream } = response;
  stream.on('error', () => undefined);
  return {
    body: stream,
    get begun() {
      return stream.headersSent;
    },
    begin: ({ status, headers, bodiless }) => {
      stream.respond(
        { ...http2Headers(headers), ':status': status },
        { endStream: bodiless, waitForTrailers: !bodiless },
      );
    },
    trail: (trailers) => response.addTrailers(http2Headers(trailers)),
    breakOff: () => {
      if (!stream.destroyed) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    },
    onGone: (listener) => {
      stream.on('close', () => {
        if (!stream.writableFinished || stream.rstCode !== constants.NGHTTP2_NO_ERROR) listener();
      });
    },
  };
}
