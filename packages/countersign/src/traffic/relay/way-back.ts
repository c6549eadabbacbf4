/** The way on which an answer gets back to its caller, over either version of HTTP. */
import { ServerResponse } from 'node:http';
import { constants, type Http2ServerResponse, type ServerHttp2Stream } from 'node:http2';
import type { Writable } from 'node:stream';
import { http2Answer, http2Headers } from './http2-headers.ts';
import type { HeaderList } from './program-headers.ts';
import type { Answer } from './program.ts';

export type AnswerHeader = Pick<Answer, 'status' | 'reason' | 'headers' | 'bodiless' | 'written'>;

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
  /** Whether all of it is with the caller, once what carries it has closed. */
  isWhole(): boolean;
}

/** Classes, not literals: a literal with a getter has a hidden class of its own each time, which V8 keeps, with all that it leads to, until a full collection. */
export function wayBackOver(response: ServerResponse | Http2ServerResponse): WayBack {
  return response instanceof ServerResponse ? new Http1WayBack(response) : new Http2WayBack(response);
}

class Http1WayBack implements WayBack {
  readonly body: ServerResponse;

  constructor(response: ServerResponse) {
    this.body = response;
  }

  get begun(): boolean {
    return this.body.headersSent;
  }

  begin({ status, reason, headers }: AnswerHeader): void {
    this.body.writeHead(status, reason, flat(headers));
    // Node holds the header back for the first octets of the body, which may come as late as the caller's next ones; those that are here already go with it.
    setImmediate(flushHeader, this.body);
  }

  answerWhole({ status, reason, headers, written }: AnswerHeader, body: Uint8Array, trailers: HeaderList): void {
    const response = this.body;
    const list = written?.http1 ?? flat(headers);
    if (written !== undefined) written.http1 = list;
    response.writeHead(status, reason, list);
    if (trailers.length > 0) response.addTrailers(mutable(trailers));
    if (body.length > mostInOneWrite) response.end(body);
    else response.end(latin1Of(body), 'latin1');
  }

  trail(trailers: HeaderList): void {
    this.body.addTrailers(mutable(trailers));
  }

  breakOff(): void {
    this.body.destroy();
  }

  onGone(listener: () => void): void {
    this.body.on('close', () => {
      if (!this.isWhole()) listener();
    });
  }

  isWhole(): boolean {
    return this.body.writableFinished;
  }
}

function flushHeader(response: ServerResponse): void {
  if (!response.writableEnded && !response.destroyed) response.flushHeaders();
}

/** Octets. Node puts a header and a body that is a string into one write, for which it copies both; measured, that is cheaper up to about here. */
const mostInOneWrite = 4096;

function latin1Of(body: Uint8Array): string {
  if (body instanceof Buffer) return body.toString('latin1');
  const { buffer, byteOffset, byteLength } = body;
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}

function flat(headers: HeaderList): string[] {
  const all: string[] = [];
  for (const pair of headers) all.push(pair[0], pair[1]);
  return all;
}

/** @param list in lower case */
function saysDate(list: readonly string[]): boolean {
  for (let at = 0; at < list.length; at += 2) if (list[at] === 'date') return true;
  return false;
}

function mutable(trailers: HeaderList): [string, string][] {
  return trailers.map(([name, value]) => [name, value]);
}

/** One of node:http2's own streams, to whose errors somebody listens: of itself each would end the process. */
export function wayBackOverStream(stream: ServerHttp2Stream): WayBack {
  return new StreamWayBack(stream);
}

const ignore = (): void => undefined;

class StreamWayBack implements WayBack {
  readonly body: ServerHttp2Stream;
  #trailers: HeaderList | undefined;

  constructor(stream: ServerHttp2Stream) {
    this.body = stream;
  }

  get begun(): boolean {
    return this.body.headersSent;
  }

  begin({ status, headers, bodiless }: AnswerHeader): void {
    this.body.respond(http2Answer(status, headers), { endStream: bodiless, waitForTrailers: !bodiless });
  }

  answerWhole({ status, headers, written }: AnswerHeader, body: Uint8Array, trailers: HeaderList): void {
    const stream = this.body;
    const head = written?.http2 ?? http2Answer(status, headers);
    // Node puts a date into one that has none.
    if (written !== undefined && saysDate(head)) written.http2 = head;
    if (body.length === 0 && trailers.length === 0) {
      stream.respond(head, atOnce);
      return;
    }
    if (trailers.length > 0) {
      stream.respond(head, { waitForTrailers: true });
      this.trail(trailers);
    } else stream.respond(head);
    stream.end(body);
  }

  trail(trailers: HeaderList): void {
    if (this.#trailers === undefined)
      this.body.once('wantTrailers', () => this.body.sendTrailers(http2Headers(this.#trailers ?? [])));
    this.#trailers = trailers;
  }

  breakOff(): void {
    if (!this.body.destroyed) this.body.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  onGone(listener: () => void): void {
    this.body.on('close', () => {
      if (!this.isWhole()) listener();
    });
  }

  isWhole(): boolean {
    return this.body.writableFinished && this.body.rstCode === constants.NGHTTP2_NO_ERROR;
  }
}

const atOnce = { endStream: true };

/** The same but for trailers: what node:http2 puts above the stream for the likeness with HTTP/1.1 sends those, and knows no code of a reset. */
class Http2WayBack extends StreamWayBack {
  readonly #response: Http2ServerResponse;

  constructor(response: Http2ServerResponse) {
    super(response.stream);
    response.stream.on('error', ignore);
    this.#response = response;
  }

  override trail(trailers: HeaderList): void {
    this.#response.addTrailers(http2Headers(trailers));
  }
}
