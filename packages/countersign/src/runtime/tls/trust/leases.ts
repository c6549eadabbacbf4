/** Until when what is known of revocations counts: for everybody at once, or for the peers of each trust domain by themselves where a view says so. */
import { type Clock, type Timer, toRfc3339 } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import type { RevocationView } from '../../../identity/revocation/index.ts';
import { waitMs } from './longest-wait.ts';

/** Whether nobody is let in then, or all goes on with what was known last. */
export type LeaseEnd = 'refuseAfterLease' | 'continueAfterLease';

interface Lease {
  readonly freshUntil: number;
  /** The same on the monotonic clock: a wall clock that is set back does not lengthen it. */
  readonly monotonicUntil: number;
  /** Its end was told. */
  told: boolean;
}

/** Everybody, where a view does not tell trust domains apart. */
const everybody = Symbol('all trust domains');

type Whose = string | typeof everybody;

export class Leases {
  readonly #clock: Clock;
  readonly #onEnded: () => void;
  /** Where not, none ever ends. */
  readonly refuse: boolean;
  #leases: ReadonlyMap<Whose, Lease> = new Map();
  #timer: Timer | undefined;

  constructor(clock: Clock, end: LeaseEnd | undefined, onEnded: () => void) {
    this.#clock = clock;
    this.refuse = end !== 'continueAfterLease';
    this.#onEnded = onEnded;
  }

  take({ leases, freshUntil }: RevocationView): void {
    const told: Iterable<readonly [Whose, number]> = leases instanceof Map ? leases : [[everybody, freshUntil]];
    const before = this.#leases;
    this.#leases = new Map(
      [...told].map(([whose, until]) => {
        const known = before.get(whose);
        // What one authority says lengthens the lease of no other, whatever the wall clock says now.
        return [whose, known?.freshUntil === until ? { ...known, told: false } : this.#leaseUntil(until)];
      }),
    );
  }

  /** Whether none has ended. */
  get allFresh(): boolean {
    for (const lease of this.#leases.values()) if (!this.#isFresh(lease)) return false;
    return true;
  }

  /** Of whom no lease is told, nothing runs out. */
  isFresh(trustDomain: string): boolean {
    const lease = this.#of(trustDomain);
    return lease === undefined || this.#isFresh(lease);
  }

  ended(peer: string, trustDomain: string): Refusal {
    const freshUntil = this.#of(trustDomain)?.freshUntil ?? Number.POSITIVE_INFINITY;
    return new Refusal('CS-PEER-010', { peer, freshUntil: toRfc3339(freshUntil) });
  }

  /** Whose ended; they are not due again. */
  takeEnded(): 'all' | readonly string[] {
    const ended: string[] = [];
    for (const [whose, lease] of this.#leases) {
      if (this.#isFresh(lease)) continue;
      lease.told = true;
      if (typeof whose === 'symbol') return 'all';
      ended.push(whose);
    }
    return ended;
  }

  /** For the first end that was not told. */
  arm(): void {
    this.#timer?.cancel();
    const inMs = this.#nextInMs();
    if (!this.refuse || inMs === Number.POSITIVE_INFINITY) return;
    const onTimer = (): void => {
      this.#onEnded();
      this.arm();
    };
    this.#timer = this.#clock.after(waitMs(inMs, 0), onTimer, { unref: true });
  }

  close(): void {
    this.#timer?.cancel();
  }

  /** Milliseconds until the first end that was not told; infinite where there is none. */
  #nextInMs(): number {
    const [now, monotonic] = [this.#clock.now(), this.#clock.monotonic()];
    let next = Number.POSITIVE_INFINITY;
    for (const { freshUntil, monotonicUntil, told } of this.#leases.values())
      if (!told) next = Math.min(next, freshUntil - now, monotonicUntil - monotonic);
    return next;
  }

  #of(trustDomain: string): Lease | undefined {
    return this.#leases.get(everybody) ?? this.#leases.get(trustDomain);
  }

  #leaseUntil(freshUntil: number): Lease {
    const { now, monotonic } = { now: this.#clock.now(), monotonic: this.#clock.monotonic() };
    return { freshUntil, monotonicUntil: monotonic + (freshUntil - now), told: false };
  }

  /** The wall clock goes on while a machine sleeps, the monotonic one is set by nobody: whichever comes first. */
  #isFresh({ freshUntil, monotonicUntil }: Lease): boolean {
    if (!this.refuse) return true;
    return this.#clock.now() < freshUntil && this.#clock.monotonic() < monotonicUntil;
  }
}
