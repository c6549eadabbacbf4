/** One credential with its own connections and the token that is bound to it: neither is ever used with another's. */
import type { Dispatcher } from 'undici';
import type { Clock, Timer } from '../../ground/clock/index.ts';
import { isRefusal, type Refusal } from '../../ground/errors/index.ts';
import type { Credential } from '../../runtime/tls/index.ts';
import type { BoundToken } from './token-grant.ts';

export interface LaneParts {
  readonly credential: Credential;
  /** To the resources, and to the issuer: both present the credential. */
  readonly dispatcher: Dispatcher;
  readonly issuer: Dispatcher;
  readonly clock: Clock;
  readonly grant: (issuer: Dispatcher) => Promise<BoundToken>;
  /** It has a token: the first, or the next. */
  readonly onToken: () => void;
  readonly onRefusal: (refusal: Refusal) => void;
}

/** After a failure; doubled each time up to the second. Own choice. */
const shortestPauseMs = 1000;
const longestPauseMs = 30_000;

export class Lane {
  readonly #parts: LaneParts;
  #token: BoundToken | undefined;
  #asking: Promise<void> | undefined;
  #timer: Timer | undefined;
  #failure: { readonly error: Error; readonly until: number } | undefined;
  #pauseMs = shortestPauseMs;
  #closed = false;

  constructor(parts: LaneParts) {
    this.#parts = parts;
  }

  get credential(): Credential {
    return this.#parts.credential;
  }

  get dispatcher(): Dispatcher {
    return this.#parts.dispatcher;
  }

  /** The token, where it is good at this moment. */
  get token(): BoundToken | undefined {
    const { clock } = this.#parts;
    const token = this.#token;
    if (token === undefined || clock.now() >= token.endsAt || clock.monotonic() >= token.endsAtMonotonic)
      return undefined;
    return token;
  }

  /** What somebody was refused with is not used again. */
  drop(token: BoundToken): void {
    if (this.#token === token) this.#token = undefined;
  }

  /** One question for all who want one; soon after a failure its answer is that failure. @throws CS-OAUTH-030 */
  renew(): Promise<void> {
    if (this.#asking !== undefined) return this.#asking;
    if (this.#failure !== undefined && this.#parts.clock.monotonic() < this.#failure.until)
      return Promise.reject(this.#failure.error);
    const asking = this.#ask().finally(() => (this.#asking = undefined));
    this.#asking = asking;
    return asking;
  }

  /** The same for who awaits nothing: failures were told, and are tried again. */
  renewAhead(): void {
    this.renew().catch(() => undefined);
  }

  /** Requests that it has finish. */
  async close(): Promise<void> {
    this.#end();
    // Whoever waits for its token finds another lane then; a question that is cut off would be told as a failure.
    await this.#asking?.catch(() => undefined);
    await Promise.all([this.#parts.dispatcher.close(), this.#parts.issuer.close()]);
  }

  async destroy(error: Error | null): Promise<void> {
    this.#end();
    await Promise.all([this.#parts.dispatcher.destroy(error), this.#parts.issuer.destroy(error)]);
  }

  #end(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  async #ask(): Promise<void> {
    const { clock, issuer, grant } = this.#parts;
    try {
      const token = await grant(issuer);
      this.#token = token;
      this.#failure = undefined;
      this.#pauseMs = shortestPauseMs;
      this.#askAfter(token.renewAfterMs);
    } catch (error) {
      this.#failure = { error: error as Error, until: clock.monotonic() + this.#pauseMs };
      this.#askAfter(this.#pauseMs);
      this.#pauseMs = Math.min(2 * this.#pauseMs, longestPauseMs);
      if (isRefusal(error) && !this.#closed) this.#parts.onRefusal(error);
      throw error;
    }
    if (!this.#closed) this.#parts.onToken();
  }

  #askAfter(delayMs: number): void {
    this.#timer?.cancel();
    if (this.#closed) return;
    this.#timer = this.#parts.clock.after(delayMs, () => this.renewAhead(), { unref: true });
  }
}
