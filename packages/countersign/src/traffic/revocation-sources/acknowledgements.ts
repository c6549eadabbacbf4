/** Telling the authority what is in force here: one at a time, the latest number with all that was closed since the one before. */
import type { Clock } from '../../ground/clock/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import {
  exchange,
  type FeedRoutes,
  saidByAuthority,
  startDeadline,
  type AuthorityConnection,
  type Deadline,
  type StatusReport,
} from '../../runtime/api/index.ts';
import type { FeedEventListener } from './feed-event.ts';

export interface AcknowledgementOptions {
  readonly connection: AuthorityConnection;
  readonly acknowledge: FeedRoutes['acknowledge'];
  readonly endpoint: string;
  readonly clock: Clock;
  /** What is told beside, when it has changed since the authority last heard it. */
  readonly report?: (() => StatusReport | undefined) | undefined;
  readonly tell: FeedEventListener;
  readonly signal: AbortSignal;
}

export class Acknowledgements {
  readonly #options: AcknowledgementOptions;
  #waiting: { number: number; closed: number } | undefined;
  #sending: Promise<void> | undefined;
  /** The report as the authority has it; `refused` when it knows of none: one of an older version. */
  #told: string | undefined;

  /** How often `tellAgain` was called: what was being sent then is told again. */
  #streams = 0;

  constructor(options: AcknowledgementOptions) {
    this.#options = options;
  }

  /** Everything up to `number` is in force, and that closed so many connections. */
  add(number: number, closed: number): void {
    this.#waiting = { number, closed: closed + (this.#waiting?.closed ?? 0) };
    this.send();
  }

  /** Sends what waits; where nothing does, but the report has changed, the number with it once more. */
  again(number: number): void {
    // What is being sent may hold the news; the next message finds out.
    const isIdle = this.#waiting === undefined && this.#sending === undefined;
    if (isIdle && this.#news() !== undefined) this.#waiting = { number, closed: 0 };
    this.send();
  }

  /** The report goes with the next one, whatever was told before. */
  tellAgain(): void {
    this.#streams += 1;
    this.#told = undefined;
  }

  /** Sends what waits, if anything does. */
  send(): void {
    if (this.#waiting === undefined || this.#options.signal.aborted) return;
    this.#sending ??= this.#sendAll().finally(() => (this.#sending = undefined));
  }

  async #sendAll(): Promise<void> {
    const { clock, tell, signal } = this.#options;
    while (this.#waiting !== undefined) {
      const { number, closed } = this.#waiting;
      this.#waiting = undefined;
      const deadline = startDeadline(clock, undefined, signal);
      try {
        await this.#sendOne(number, closed, deadline);
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

  /** No revocation waits because an authority does not know what a report is. */
  async #sendOne(number: number, closed: number, deadline: Deadline): Promise<void> {
    const { connection, acknowledge, endpoint } = this.#options;
    const plain = { endpoint, number, closed };
    const means = this.#news();
    const streams = this.#streams;
    if (means !== undefined) {
      try {
        await exchange(acknowledge, { ...plain, means }, connection, deadline);
        if (streams === this.#streams) this.#told = JSON.stringify(means);
        return;
      } catch (error) {
        if (!isRefusal(error) || error.code !== 'CS-ACCESS-006' || !saidByAuthority(error)) throw error;
        if (streams === this.#streams) this.#told = 'refused';
      }
    }
    await exchange(acknowledge, plain, connection, deadline);
  }

  #news(): StatusReport | undefined {
    if (this.#told === 'refused') return undefined;
    const report = this.#options.report?.();
    if (report === undefined || (this.#told === undefined && report.sources.length === 0)) return undefined;
    return JSON.stringify(report) === this.#told ? undefined : report;
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
