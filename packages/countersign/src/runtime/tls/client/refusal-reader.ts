/** Stands before the handler of a request whose answer may be a second stage's refusal, and makes a Refusal of that; all else passes as it came. */
import type { Dispatcher } from 'undici';
import { problemContentType, Refusal } from '../../../ground/errors/index.ts';
import { codeInBody, mostAnswerBytes } from './code-in-answer.ts';

type Handler = Dispatcher.DispatchHandler;
type Controller = Dispatcher.DispatchController;
type Headers = Parameters<NonNullable<Handler['onResponseStart']>>[2];

export interface ConnectionState {
  /** Whether a request was answered on the connection: a refusal of the second stage comes before any answer. */
  answered(): boolean;
  onAnswer(): void;
}

interface Held {
  readonly start: readonly [Controller, number, Headers, string | undefined];
  readonly chunks: Buffer[];
}

/** What HTTP/1.1 says is read off the connection already; this is for HTTP/2, whose frames nobody but Node reads. */
export class RefusalReader implements Handler {
  readonly #handler: Handler;
  readonly #address: string;
  readonly #state: ConnectionState;
  #held: Held | undefined;

  constructor(handler: Handler, address: string, state: ConnectionState) {
    this.#handler = handler;
    this.#address = address;
    this.#state = state;
  }

  onRequestStart(controller: Controller, context: unknown): void {
    this.#handler.onRequestStart?.(controller, context);
  }

  onRequestUpgrade(...upgrade: Parameters<NonNullable<Handler['onRequestUpgrade']>>): void {
    this.#handler.onRequestUpgrade?.(...upgrade);
  }

  onResponseStart(controller: Controller, status: number, headers: Headers, message?: string): void {
    if (status === 403 && headers['content-type'] === problemContentType && !this.#state.answered()) {
      this.#held = { start: [controller, status, headers, message], chunks: [] };
      return;
    }
    if (status >= 200) this.#state.onAnswer();
    this.#handler.onResponseStart?.(controller, status, headers, message);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#held === undefined) {
      this.#handler.onResponseData?.(controller, chunk);
      return;
    }
    this.#held.chunks.push(chunk);
    if (lengthOf(this.#held) > mostAnswerBytes) this.#release(controller);
  }

  onResponseEnd(controller: Controller, trailers: Headers): void {
    const refusal = this.#refusal();
    if (refusal !== undefined) {
      this.#handler.onResponseError?.(controller, refusal);
      return;
    }
    this.#release(controller);
    this.#handler.onResponseEnd?.(controller, trailers);
  }

  onResponseError(controller: Controller, error: Error): void {
    const refusal = this.#refusal();
    if (refusal === undefined) this.#release(controller);
    this.#handler.onResponseError?.(controller, refusal ?? error);
  }

  #refusal(): Refusal | undefined {
    if (this.#held === undefined) return undefined;
    const said = codeInBody(Buffer.concat(this.#held.chunks).toString('latin1'));
    if (said === undefined) return undefined;
    return new Refusal('CS-TLS-016', { address: this.#address, reason: 'refused in the second stage', said });
  }

  #release(controller: Controller): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    this.#state.onAnswer();
    this.#handler.onResponseStart?.(...held.start);
    for (const chunk of held.chunks) this.#handler.onResponseData?.(controller, chunk);
  }
}

function lengthOf({ chunks }: Held): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}
