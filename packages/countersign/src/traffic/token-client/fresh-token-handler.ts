/** Stands before the handler of a request with a token: where the resource refuses the token, the request is repeated once, if it may be. */
import type { Dispatcher } from 'undici';

type Handler = Dispatcher.DispatchHandler;
type Controller = Dispatcher.DispatchController;
type Headers = Parameters<NonNullable<Handler['onResponseStart']>>[2];

export interface Repeating {
  /** The token was refused (RFC 6750, 3.1). */
  onRefused(): void;
  /** Asks again with another token; `undefined` where that may not be: the request could have had an effect, or is the second one. */
  readonly repeat: ((controller: Controller) => void) | undefined;
}

/** Bytes of a refusal that are read to keep its connection. Own choice. */
const mostBytes = 64 * 1024;

export class FreshTokenHandler implements Handler {
  readonly #handler: Handler;
  readonly #repeating: Repeating;
  /** Bytes of the answer that nobody gets; `undefined` where it is the caller's. */
  #dropped: number | undefined;
  #repeated = false;

  constructor(handler: Handler, repeating: Repeating) {
    this.#handler = handler;
    this.#repeating = repeating;
  }

  onRequestStart(controller: Controller, context: unknown): void {
    this.#handler.onRequestStart?.(controller, context);
  }

  onRequestUpgrade(...upgrade: Parameters<NonNullable<Handler['onRequestUpgrade']>>): void {
    this.#handler.onRequestUpgrade?.(...upgrade);
  }

  onResponseStart(controller: Controller, status: number, headers: Headers, message?: string): void {
    if (status === 401 && saysInvalidToken(headers)) {
      this.#repeating.onRefused();
      if (this.#repeating.repeat !== undefined) {
        this.#dropped = 0;
        return;
      }
    }
    this.#handler.onResponseStart?.(controller, status, headers, message);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#dropped === undefined) {
      this.#handler.onResponseData?.(controller, chunk);
      return;
    }
    this.#dropped += chunk.length;
    if (this.#dropped > mostBytes) controller.abort(new Error('the refusal is longer than it need be'));
  }

  onResponseEnd(controller: Controller, trailers: Headers): void {
    if (this.#dropped === undefined) this.#handler.onResponseEnd?.(controller, trailers);
    else this.#repeat(controller);
  }

  onResponseError(controller: Controller, error: Error): void {
    // Whoever gave up in the meantime is not asked for again.
    const own = this.#dropped !== undefined && (this.#dropped > mostBytes || !controller.aborted);
    if (own) this.#repeat(controller);
    else this.#handler.onResponseError?.(controller, error);
  }

  #repeat(controller: Controller): void {
    if (this.#repeated) return;
    this.#repeated = true;
    this.#repeating.repeat?.(controller);
  }
}

function saysInvalidToken(headers: Headers): boolean {
  const challenges = [headers['www-authenticate'] ?? []].flat();
  return challenges.some((text) => /\bbearer\b[^]*\berror="?invalid_token\b/i.test(text));
}
