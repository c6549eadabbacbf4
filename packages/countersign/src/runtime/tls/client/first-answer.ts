/**
 * What the server says first on a connection. On TLS 1.3 the client's handshake is over before the server has looked at its certificate
 * (RFC 8446, 4.4.2 and 4.6.1), so this is where a client learns whether it was let in; who writes before that loses the answer to a reset.
 */
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../../ground/clock/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import { codeOf } from '../refusals/handshake-refusal.ts';
import { codeInAnswer } from './code-in-answer.ts';

export type Heard =
  /** A ticket: the first stage let this side in. Or data that is no refusal of ours. */
  | { readonly what: 'ticket' | 'data' }
  /** The fixed answer of a second stage. */
  | { readonly what: 'refused'; readonly said: string }
  /** After a ticket it is no refusal: a server may end a connection without a word. */
  | { readonly what: 'end'; readonly letIn: boolean }
  | { readonly what: 'error'; readonly error: unknown }
  | { readonly what: 'silence' };

/** What became of a connection that ended unanswered; `undefined` leaves it as it was. Never rejects. */
export type Explain = (ending: Heard) => Promise<Refusal | undefined>;

export interface Listening {
  readonly explain: Explain;
  /** Whoever asks on it expects an answer, so that an end without one is a failure. Elsewhere a server may end without a word. */
  readonly expectsAnswer: boolean;
}

/** What the network says of a connection that the other side gave up. */
const resets = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

type Push = TLSSocket['push'];
type Destroy = TLSSocket['_destroy'];

/** To be made as the handshake is over. It stands before the stream until the first data, and costs nothing from then on. */
export class FirstAnswer {
  readonly #socket: TLSSocket;
  readonly #push: Push;
  readonly #destroy: Destroy;
  #waiting: ((heard: Heard) => void) | undefined;
  /** What came while nobody waited. */
  #unheard: Heard | undefined;
  /** What nothing comes after. */
  #ending: Heard | undefined;
  #letIn = false;
  #listening: Listening | undefined;
  readonly #onTicket = (): void => {
    this.#letIn = true;
    // OpenSSL calls from within its reading; what is written before that returns stays where it is (tried on 24.21).
    setImmediate(() => this.#hear({ what: 'ticket' }));
  };
  readonly #onError = (error: unknown): void => this.#hear({ what: 'error', error });

  constructor(socket: TLSSocket) {
    this.#socket = socket;
    this.#push = socket.push.bind(socket);
    this.#destroy = socket._destroy.bind(socket);
    socket.push = (chunk: unknown, encoding) => this.#onPush(chunk, encoding);
    socket._destroy = (error, done) => this.#onDestroy(error, done);
    socket.on('session', this.#onTicket);
    socket.on('error', this.#onError);
  }

  /** Waits for the next of them, a ticket or not. */
  next(mostMs: number, clock: Clock): Promise<Heard> {
    return new Promise((resolve) => {
      const timer = clock.after(mostMs, () => this.#hear({ what: 'silence' }));
      this.#waiting = (heard) => {
        timer.cancel();
        this.#waiting = undefined;
        resolve(heard);
      };
      const unheard = this.#unheard;
      this.#unheard = undefined;
      if (unheard !== undefined) this.#waiting(unheard);
    });
  }

  /** From here on the connection is another's; where it ends unanswered, its error is what `explain` makes of it. */
  handOver(listening: Listening): void {
    this.#listening = listening;
    this.#socket.off('error', this.#onError);
    const ending = this.#ending;
    if (ending?.what === 'refused') this.#explainRefused(ending, listening);
    else if (ending !== undefined && this.#letIn && !listening.expectsAnswer) this.#push(null);
    else if (ending !== undefined) this.#explainEnd(listening);
  }

  #hear(heard: Heard): void {
    if (heard.what === 'end' || heard.what === 'refused') this.#ending = heard;
    if (this.#waiting === undefined) this.#unheard = this.#ending ?? heard;
    else this.#waiting(heard);
  }

  #onPush(chunk: unknown, encoding?: BufferEncoding): boolean {
    if (chunk === null) return this.#onEnd();
    this.#standAside();
    const said = chunk instanceof Uint8Array ? codeInAnswer(chunk) : undefined;
    if (said === undefined) {
      this.#hear({ what: 'data' });
      return this.#push(chunk, encoding);
    }
    const heard = { what: 'refused', said } as const;
    if (this.#listening === undefined) this.#hear(heard);
    else this.#explainRefused(heard, this.#listening);
    return false;
  }

  #onEnd(): boolean {
    if (this.#answered || !this.#endTellsSomething) return this.#push(null);
    if (this.#listening === undefined) this.#hear(this.#end);
    else this.#explainEnd(this.#listening);
    return false;
  }

  #explainRefused(heard: Heard, { explain }: Listening): void {
    void explain(heard).then((refusal) => this.#socket.destroy(refusal));
  }

  #explainEnd({ explain }: Listening): void {
    void explain(this.#end).then((refusal) => {
      if (refusal === undefined) this.#push(null);
      else this.#socket.destroy(refusal);
    });
  }

  #onDestroy(error: Error | null, done: (error?: Error | null) => void): void {
    const listening = this.#listening;
    const concerns = error !== null && !this.#answered && (resets.has(codeOf(error)) || isAlert(error));
    this.#standAside();
    if (listening === undefined || !concerns) this.#destroy(error, done);
    else void listening.explain({ what: 'error', error }).then((refusal) => this.#destroy(refusal ?? error, done));
  }

  /** Whether an end at this moment tells something: where an answer was asked for, or this side does not know yet whether it was let in. */
  get #endTellsSomething(): boolean {
    if (this.#listening === undefined || !this.#letIn) return true;
    return this.#listening.expectsAnswer && this.#socket.bytesWritten > 0;
  }

  get #end(): Heard {
    return { what: 'end', letIn: this.#letIn };
  }

  /** HTTP/2 reads natively: it is the count alone that tells of it. */
  get #answered(): boolean {
    return this.#socket.bytesRead > 0;
  }

  #standAside(): void {
    this.#socket.off('session', this.#onTicket);
    this.#socket.push = this.#push;
    this.#socket._destroy = this.#destroy;
  }
}

export function isAlert(error: unknown): boolean {
  return codeOf(error).includes('_ALERT_');
}
