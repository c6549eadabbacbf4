/** One request and its answer over a connection in HTTP/1.1. */
import { Readable, Writable } from 'node:stream';
import type { Framing, QuestionHead } from './http1-question.ts';
import type { HeaderList } from './program-headers.ts';
import type { ProgramFailure } from './program-failure.ts';
import type { Answer, Asking, AskingListeners } from './program.ts';

/** The connection as an exchange sees it. All but what is said does nothing for an exchange that is not the present one. */
export interface ExchangeLink {
  say(chunk: Buffer, chunked: boolean, done: () => void): void;
  sayEnd(trailers: HeaderList): void;
  /** The taker of the answer's body has room again. */
  goOn(exchange: Http1Exchange): void;
  /** Nobody waits for the rest. */
  breakOff(exchange: Http1Exchange): void;
  /** The question ended too early; where its answer has begun that still gets out. */
  cutOff(exchange: Http1Exchange): void;
}

export class Http1Exchange implements Asking {
  readonly method: string;
  readonly head: QuestionHead;
  readonly body: QuestionBody | undefined;
  #listeners: AskingListeners | undefined;
  #link: ExchangeLink | undefined;
  /** Nobody waits for it, or it has failed. */
  #over = false;
  #trailers: HeaderList = [];

  constructor(method: string, head: QuestionHead) {
    this.method = method;
    this.head = head;
    this.body = head.framing === 'none' ? undefined : new QuestionBody(this);
  }

  get over(): boolean {
    return this.#over;
  }

  get trailers(): HeaderList {
    return this.#trailers;
  }

  /** All that was asked is out. */
  get said(): boolean {
    return this.body === undefined || this.body.writableFinished;
  }

  on(listeners: AskingListeners): void {
    this.#listeners = listeners;
  }

  trail(trailers: HeaderList): void {
    this.#trailers = trailers;
  }

  giveUp(): void {
    if (this.#over) return;
    this.#over = true;
    this.body?.destroy();
    this.#link?.breakOff(this);
  }

  /** Of the connection: from now on it is asked there. */
  begin(link: ExchangeLink): void {
    this.#link = link;
    this.body?.begin(link);
  }

  /** Of the connection: nothing of this is under way there any more. */
  leave(): void {
    this.#link = undefined;
    // What was not said by then nobody wants to hear.
    if (!this.said) this.body?.destroy();
  }

  answer(answer: Answer): void {
    if (!this.#over) this.#listeners?.onAnswer(answer);
  }

  fail(failure: ProgramFailure): void {
    if (this.#over) return;
    this.#over = true;
    this.#listeners?.onFailure(failure);
    this.body?.destroy();
  }
}

/** What is written before there is a connection waits for it. */
class QuestionBody extends Writable {
  readonly #exchange: Http1Exchange;
  readonly #framing: Framing;
  #link: ExchangeLink | undefined;
  #waiting: (() => void) | undefined;
  #written = 0;

  constructor(exchange: Http1Exchange) {
    super();
    this.#exchange = exchange;
    this.#framing = exchange.head.framing;
  }

  begin(link: ExchangeLink): void {
    this.#link = link;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#link === undefined) {
      this.#waiting = () => this._write(chunk, _encoding, done);
      return;
    }
    this.#written += chunk.length;
    if (typeof this.#framing === 'number' && this.#written > this.#framing) {
      this.#link.breakOff(this.#exchange);
      done();
      return;
    }
    this.#link.say(chunk, this.#framing === 'chunked', done);
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#link === undefined) {
      this.#waiting = () => this._final(done);
      return;
    }
    if (this.#framing === 'chunked') this.#link.sayEnd(this.#exchange.trailers);
    else if (this.#written !== this.#framing) this.#link.breakOff(this.#exchange);
    done();
  }

  /** What was cut off must not look whole to the program. */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.writableFinished) this.#link?.cutOff(this.#exchange);
    done(error);
  }
}

/** The body of an answer, taken from the connection as fast as it is read. */
export class AnswerBody extends Readable {
  readonly #link: ExchangeLink;
  readonly #exchange: Http1Exchange;
  readonly trailers: readonly string[];

  constructor(link: ExchangeLink, exchange: Http1Exchange, trailers: readonly string[]) {
    super({ highWaterMark: 65_536 });
    this.#link = link;
    this.#exchange = exchange;
    this.trailers = trailers;
  }

  override _read(): void {
    this.#link.goOn(this.#exchange);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.readableEnded) this.#link.breakOff(this.#exchange);
    done(error);
  }
}
