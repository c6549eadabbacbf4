/** A connection to a program that speaks HTTP/1.1: one exchange at a time, and whether another may follow. */
import type { Socket } from 'node:net';
import { type AnswerHead, parseAnswerHead } from './http1-answer-head.ts';
import { ChunkReader } from './http1-chunks.ts';
import { AnswerBody, type ExchangeLink, type Http1Exchange } from './http1-exchange.ts';
import { KnownHead } from './http1-known-head.ts';
import type { HeaderList } from './program-headers.ts';
import { brokenBy, type FailureKind, ProgramFailure } from './program-failure.ts';

export interface AnswerBounds {
  /** Octets of an answer's header, and of its trailers. Default 65,536. */
  readonly headBytes: number;
  /** Interim answers (1xx) before the one that counts. Default 16. */
  readonly interimAnswers: number;
}

export const defaultAnswerBounds: AnswerBounds = { headBytes: 65_536, interimAnswers: 16 };

export interface LinkListeners {
  /** It may be asked again. */
  onIdle(link: Http1Link, keepMs: number | undefined): void;
  onGone(link: Http1Link): void;
}

export class Http1Link implements ExchangeLink {
  readonly #socket: Socket;
  readonly #bounds: AnswerBounds;
  readonly #listeners: LinkListeners;
  #exchange: Http1Exchange | undefined;
  #pending: Buffer | undefined;
  #interim = 0;
  #head: AnswerHead | undefined;
  #body: AnswerBody | undefined;
  #chunks: ChunkReader | undefined;
  #left = 0;
  #gone = false;
  #answered = 0;
  #open: boolean;
  #last: KnownHead | undefined;

  constructor(socket: Socket, bounds: AnswerBounds, listeners: LinkListeners) {
    this.#socket = socket;
    this.#bounds = bounds;
    this.#listeners = listeners;
    this.#open = !socket.connecting;
    socket.once('connect', () => (this.#open = true));
    socket.on('data', (octets: Buffer) => this.#take(octets));
    socket.on('end', () => this.#onEnd());
    socket.on('error', (error) => this.#lose(brokenBy(error, this.#brokenKind())));
    socket.on('close', () => this.#lose(new ProgramFailure(this.#brokenKind(), 'it closed the connection')));
  }

  /** Has answered before: it may have been closed meanwhile. */
  get isUsed(): boolean {
    return this.#answered > 0;
  }

  get socket(): Socket {
    return this.#socket;
  }

  ask(exchange: Http1Exchange): void {
    this.#exchange = exchange;
    this.#interim = 0;
    this.#socket.write(exchange.head.text, 'latin1');
    exchange.begin(this);
  }

  /** Of the body. */
  say(chunk: Buffer, chunked: boolean, done: () => void): void {
    const socket = this.#socket;
    if (!chunked) {
      afterDrain(socket, socket.write(chunk), done);
      return;
    }
    if (chunk.length === 0) {
      done();
      return;
    }
    socket.cork();
    socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
    socket.write(chunk);
    const flows = socket.write('\r\n', 'latin1');
    socket.uncork();
    afterDrain(socket, flows, done);
  }

  sayEnd(trailers: HeaderList): void {
    this.#socket.write(`0\r\n${trailers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`, 'latin1');
  }

  goOn(exchange: Http1Exchange): void {
    if (this.#exchange === exchange && this.#socket.isPaused()) this.#socket.resume();
  }

  breakOff(exchange: Http1Exchange): void {
    if (this.#exchange === exchange) this.#lose(new ProgramFailure('cut-off', 'it was given up'));
  }

  cutOff(exchange: Http1Exchange): void {
    if (this.#exchange === exchange && this.#head === undefined) this.breakOff(exchange);
  }

  close(): void {
    this.#lose(new ProgramFailure('cut-off', 'the connection was closed'));
  }

  #take(octets: Buffer): void {
    const exchange = this.#exchange;
    if (exchange === undefined) {
      // Nothing was asked: what comes now would be read as the answer to the next question.
      this.close();
      return;
    }
    try {
      if (this.#head === undefined) this.#takeHead(exchange, octets);
      else this.#takeBody(exchange, octets);
    } catch (error) {
      this.#lose(error instanceof ProgramFailure ? error : new ProgramFailure('not-http', String(error)));
    }
  }

  #takeHead(exchange: Http1Exchange, octets: Buffer): void {
    let all = octets;
    let searchFrom = 0;
    if (this.#pending !== undefined) {
      searchFrom = Math.max(0, this.#pending.length - 3);
      all = Buffer.concat([this.#pending, octets]);
      this.#pending = undefined;
    }
    for (;;) {
      // Of a header that comes in pieces, each would be read from its beginning.
      const mayEnd = searchFrom === 0 || all.indexOf('\r\n\r\n', searchFrom, 'latin1') >= 0;
      const head = mayEnd ? this.#readHead(all, exchange.method) : undefined;
      if ((head?.octets ?? all.length) > this.#bounds.headBytes + 4)
        throw new ProgramFailure('too-large', 'the header of its answer is too large');
      if (head === undefined) {
        this.#pending = all.length === 0 ? undefined : all;
        return;
      }
      all = all.subarray(head.octets);
      searchFrom = 0;
      if (head.status >= 200) {
        this.#begin(exchange, head, all);
        return;
      }
      this.#interim += 1;
      if (head.status === 101) throw new ProgramFailure('not-http', 'it changed the protocol, which nobody asked for');
      if (this.#interim > this.#bounds.interimAnswers)
        throw new ProgramFailure('interim-flood', 'it sends interim answers without an end');
    }
  }

  #readHead(octets: Buffer, method: string): AnswerHead | undefined {
    if (this.#last?.isOf(octets, method) === true) return this.#last;
    const head = parseAnswerHead(octets, method);
    if (head === undefined) return undefined;
    this.#last = KnownHead.of(head, octets, method);
    return this.#last ?? head;
  }

  #begin(exchange: Http1Exchange, head: AnswerHead, rest: Buffer): void {
    const { status, reason, headers, framing } = head;
    const written = head instanceof KnownHead ? head : undefined;
    this.#head = head;
    this.#answered += 1;
    if (typeof framing === 'number' && framing <= rest.length) {
      const body = framing === rest.length ? rest : rest.subarray(0, framing);
      this.#finish(rest.length > framing);
      exchange.answer({ status, reason, headers, body, bodiless: framing === 0, trailers: noTrailers, written });
      return;
    }
    const first: Buffer[] = [];
    if (framing === 'chunked') {
      const hand = (data: Buffer): void => (this.#body === undefined ? void first.push(data) : this.#hand(data));
      const chunks = new ChunkReader(hand, this.#bounds.headBytes);
      const taken = chunks.take(rest);
      if (chunks.ended) {
        this.#finish(rest.length > taken);
        const [only = noOctets] = first;
        const body = first.length > 1 ? Buffer.concat(first) : only;
        exchange.answer({ status, reason, headers, body, bodiless: false, trailers: () => chunks.trailers });
        return;
      }
      this.#chunks = chunks;
    } else {
      if (typeof framing === 'number') this.#left = framing - rest.length;
      if (rest.length > 0) first.push(rest);
    }
    const body = new AnswerBody(this, exchange, this.#chunks?.trailers ?? []);
    this.#body = body;
    // Its end is heard of by who listens to the exchange.
    body.on('error', () => undefined);
    exchange.answer({ status, reason, headers, body, bodiless: false, trailers: () => body.trailers });
    for (const data of first) this.#hand(data);
  }

  #takeBody(exchange: Http1Exchange, octets: Buffer): void {
    if (this.#chunks !== undefined) {
      const taken = this.#chunks.take(octets);
      if (this.#exchange === exchange && this.#chunks.ended) this.#finish(taken < octets.length);
      return;
    }
    if (this.#head?.framing === 'until-close') {
      this.#hand(octets);
      return;
    }
    const own = octets.length > this.#left ? octets.subarray(0, this.#left) : octets;
    this.#left -= own.length;
    this.#hand(own);
    if (this.#exchange === exchange && this.#left === 0) this.#finish(own.length < octets.length);
  }

  #hand(data: Buffer): void {
    if (this.#body?.push(data) === false) this.#socket.pause();
  }

  /** @param more whether something came after the answer, that nobody asked for */
  #finish(more: boolean): void {
    const { kept = false, keepMs } = this.#head ?? {};
    const exchange = this.#exchange;
    const body = this.#body;
    const again = kept && !more && exchange?.said === true && !this.#gone;
    this.#exchange = undefined;
    this.#head = undefined;
    this.#body = undefined;
    this.#chunks = undefined;
    exchange?.leave();
    body?.push(null);
    if (!again) {
      this.close();
      return;
    }
    if (this.#socket.isPaused()) this.#socket.resume();
    this.#listeners.onIdle(this, keepMs);
  }

  #onEnd(): void {
    if (this.#head?.framing === 'until-close') this.#finish(false);
    else this.#lose(new ProgramFailure(this.#brokenKind(), 'it closed the connection'));
  }

  #brokenKind(): FailureKind {
    if (!this.#open) return 'unreachable';
    return this.#head === undefined && this.#pending === undefined ? 'no-answer' : 'cut-off';
  }

  #lose(failure: ProgramFailure): void {
    if (this.#gone) return;
    this.#gone = true;
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#listeners.onGone(this);
    this.#socket.destroy();
    exchange?.fail(failure);
    exchange?.leave();
    this.#body?.destroy();
  }
}

const noOctets = Buffer.alloc(0);

const noTrailers = (): readonly string[] => [];

function afterDrain(socket: Socket, flows: boolean, done: () => void): void {
  if (flows || socket.destroyed) done();
  else {
    const go = (): void => {
      socket.off('drain', go).off('close', go);
      done();
    };
    socket.on('drain', go).on('close', go);
  }
}
