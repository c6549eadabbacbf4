/** How the authority is just now: what its metrics, its status and its warnings are made from. */
import type { Clock } from '../../../ground/clock/index.ts';
import type { AuthorityKeys } from '../../authority/index.ts';
import type { Endpoints, Holder } from '../endpoints.ts';
import type { Feed } from '../feed.ts';
import type { OwnCertificate } from '../own-certificate.ts';
import type { PublishedFigures } from './published-figures.ts';
import type { StoreMeasure, StoreVitals } from '../store-vitals.ts';

export interface EndpointCounts {
  readonly subscribed: number;
  /** Subscribed or not. */
  readonly leased: number;
  /** Of them, those that have not acknowledged the latest change. */
  readonly behind: number;
  /** Of those that hold a lease, those that go on when it has ended. */
  readonly continuing: number;
  /** Of those behind, the one that may accept what was revoked for longest. */
  readonly worst?: { readonly name: string; readonly untilMs: number } | undefined;
}

export interface ServerStateParts {
  readonly keys: Pick<AuthorityKeys, 'issuer'>;
  readonly own: readonly OwnCertificate[];
  readonly feed: Feed;
  readonly endpoints: Endpoints;
  readonly vitals: StoreVitals;
  readonly clock: Clock;
}

/** Counting takes up to 100 ms with a million certificates (measured on a busy machine), in the thread that stores: at most twice a minute. */
const keptMs = 30_000;

export class ServerState {
  readonly #parts: ServerStateParts;
  #figures: (() => PublishedFigures) | undefined;
  #measured: { readonly atMs: number; readonly measure: Promise<StoreMeasure> } | undefined;

  constructor(parts: ServerStateParts) {
    this.#parts = parts;
  }

  get lease(): { readonly leaseMs: number; readonly heartbeatMs: number } {
    return this.#parts.feed.lease;
  }

  get feedNumber(): number {
    return this.#parts.feed.number;
  }

  get issuerNotAfterMs(): number {
    return this.#parts.keys.issuer.facts.notAfterMs;
  }

  get own(): readonly OwnCertificate[] {
    return this.#parts.own;
  }

  /** Of what is published; it begins after the rest. */
  tellOf(figures: () => PublishedFigures): void {
    this.#figures = figures;
  }

  get published(): PublishedFigures | undefined {
    return this.#figures?.();
  }

  /** @param fresh for a person, who asks seldom and wants to see what he has just done */
  async storage(fresh = false): Promise<StoreMeasure> {
    const { vitals, clock } = this.#parts;
    const atMs = clock.monotonic();
    if (fresh || this.#measured === undefined || atMs - this.#measured.atMs >= keptMs)
      this.#measured = { atMs, measure: vitals.measure(clock.now()) };
    try {
      return await this.#measured.measure;
    } catch (error) {
      this.#measured = undefined;
      throw error;
    }
  }

  holders(): readonly Holder[] {
    return this.#parts.endpoints.holders();
  }

  endpoints(): EndpointCounts {
    const holders = this.holders();
    const number = this.feedNumber;
    const behind = holders.filter(({ acknowledged }) => acknowledged < number);
    const worst = behind.reduce<Holder | undefined>(
      (latest, one) => (latest === undefined || one.leaseEndsMs > latest.leaseEndsMs ? one : latest),
      undefined,
    );
    return {
      subscribed: holders.filter(({ subscribed }) => subscribed).length,
      leased: holders.length,
      behind: behind.length,
      continuing: holders.filter(({ afterLease }) => afterLease === 'continue').length,
      worst: worst === undefined ? undefined : { name: worst.spiffeId, untilMs: worst.leaseEndsMs },
    };
  }
}
