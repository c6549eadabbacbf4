/** The way on which an answer gets back to its caller, over either version of HTTP. */
import { ServerResponse } from 'node:http';
import { constants, type Http2ServerResponse } from 'node:http2';
import type { Writable } from 'node:stream';
import { http2Headers } from './http2-headers.ts';
import type { HeaderList } from './program-headers.ts';
import type { Answer } from './program.ts';

export type AnswerHeader = Pick<Answer, 'status' | 'reason' | 'headers' | 'bodiless'>;

export interface WayBack {
  readonly body: Writable;
  /** Whether the header is out: no other answer can be given then. */
  readonly begun: boolean;
  /** @throws what Node throws where the header has no form in the caller's version of HTTP */
  begin(head: AnswerHeader): void;
  /** Header, body and trailers at once. @throws as `begin` */
  answerWhole(head: AnswerHeader, body: Uint8Array, trailers: HeaderList): void;
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
    answerWhole: ({ status, reason, headers }, body, trailers) => {
      response.writeHead(status, reason, headers.flat());
      if (trailers.length > 0) response.addTrailers(mutable(trailers));
      if (body.length > mostInOneWrite) response.end(body);
      else response.end(latin1Of(body), 'latin1');
    },
    trail: (trailers) => response.addTrailers(mutable(trailers)),
    breakOff: () => void response.destroy(),
    onGone: (listener) => {
      response.on('close', () => {
        if (!response.writableFinished) listener();
      });
    },
  };
}

/** Octets. Node puts a header and a body that is a string into one write, for which it copies both; measured, that is cheaper up to about here. */
const mostInOneWrite = 4096;

function latin1Of({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}

function mutable(trailers: HeaderList): [string, string][] {
  return trailers.map(([name, value]) => [name, value]);
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
    answerWhole: ({ status, headers }, body, trailers) => {
      const head = { ...http2Headers(headers), ':status': status };
      if (body.length === 0 && trailers.length === 0) {
        stream.respond(head, { endStream: true });
        return;
      }
      stream.respond(head, { waitForTrailers: trailers.length > 0 });
      if (trailers.length > 0) response.addTrailers(http2Headers(trailers));
      stream.end(body);
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
