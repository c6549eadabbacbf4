/** Telling the authority what is in force here: one at a time, the latest number with all that was closed since the one before. */
import type { Clock } from '../../ground/clock/index.ts';
import { exchange, type FeedRoutes, startDeadline, type AuthorityConnection } from '../../runtime/api/index.ts';
import type { FeedEventListener } from './feed-event.ts';

export interface AcknowledgementOptions {
  readonly connection: AuthorityConnection;
  readonly acknowledge: FeedRoutes['acknowledge'];
  readonly endpoint: string;
  readonly clock: Clock;
  readonly tell: FeedEventListener;
  readonly signal: AbortSignal;
}

export class Acknowledgements {
  readonly #options: AcknowledgementOptions;
  #waiting: { number: number; closed: number } | undefined;
  #sending: Promise<void> | undefined;

  constructor(options: AcknowledgementOptions) {
    this.#options = options;
  }

  /** Everything up to `number` is in force, and that closed so many connections. */
  add(number: number, closed: number): void {
    this.#waiting = { number, closed: closed + (this.#waiting?.closed ?? 0) };
    this.send();
  }

  /** Sends what waits, if anything does. */
  send(): void {
    if (this.#waiting === undefined || this.#options.signal.aborted) return;
    this.#sending ??= this.#sendAll().finally(() => (this.#sending = undefined));
  }

  async #sendAll(): Promise<void> {
    const { connection, acknowledge, endpoint, clock, tell, signal } = this.#options;
    while (this.#waiting !== undefined) {
      const { number, closed } = this.#waiting;
      this.#waiting = undefined;
      const deadline = startDeadline(clock, undefined, signal);
      try {
        await exchange(acknowledge, { endpoint, number, closed }, connection, deadline);
        tell({ type: 'acknowledged', number, closed });
      } catch (error) {
        this.#putBack(number, closed);
        if (!signal.aborted) tell({ type: 'not-acknowledged', number, error });
        return;
      } finally {
        deadline.cancel();
      }
    }
  }

  /** A later one may have come meanwhile. */
  #putBack(number: number, closed: number): void {
    const waiting = this.#later();
    this.#waiting = { number: Math.max(number, waiting?.number ?? 0), closed: closed + (waiting?.closed ?? 0) };
  }

  /** Read through a method: TypeScript thinks that it is still what was assigned before the wait. */
  #later(): { number: number; closed: number } | undefined {
    return this.#waiting;
  }
}
