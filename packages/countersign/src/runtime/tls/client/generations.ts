/**
 * The generations of a client's connections: each change of the own credential or of the bundles begins a new one, and so does a
 * server certificate that is about to run out. A pool keeps to one generation, so that no connection outlives what it rests on.
 */
import type { Timer } from '../../../ground/clock/index.ts';
import type { BundleSet } from '../../../identity/spiffe/index.ts';
import type { Credential } from '../context/credential.ts';
import { waitMs } from '../trust/longest-wait.ts';
import type { ClientOptions } from './client-options.ts';

/** Generations are not begun more often than this for servers whose certificates run out and are not replaced. Our own choice. */
const shortestMs = 100;

export class Generations {
  readonly #options: ClientOptions;
  readonly #onNext: () => void;
  readonly #endings: (() => void)[];
  #credential: Credential | undefined;
  /** `undefined` where the source failed at first. */
  #bundles: BundleSet | undefined;
  #number = 1;
  #timer: Timer | undefined;
  #retireAt = Number.POSITIVE_INFINITY;

  constructor(options: ClientOptions, onNext: () => void) {
    this.#options = options;
    this.#onNext = onNext;
    ({ credential: this.#credential, bundles: this.#bundles } = this.#newest());
    const look = (): void => this.#look();
    this.#endings = [
      options.trust.bundles.watch(look),
      ...('credentials' in options ? [options.credentials.watch(look)] : []),
    ];
  }

  get current(): number {
    return this.#number;
  }

  /** A connection of this generation must be given up at `retireAt` (milliseconds since 1970). */
  retireAt(retireAt: number): void {
    if (retireAt >= this.#retireAt) return;
    const { clock } = this.#options;
    this.#retireAt = retireAt;
    this.#timer?.cancel();
    this.#timer = clock.after(Math.max(shortestMs, waitMs(retireAt, clock.now())), () => this.#onTimer(), {
      unref: true,
    });
  }

  /** To be called before a connection is used: after a sleep the timers come late, and others may hear of a change before this does. */
  catchUp(): void {
    const { clock, trust } = this.#options;
    trust.enforceLease();
    this.#look();
    if (clock.now() >= this.#retireAt) this.#next();
  }

  close(): void {
    this.#timer?.cancel();
    for (const end of this.#endings) end();
  }

  #look(): void {
    const { credential, bundles } = this.#newest();
    if (credential === this.#credential && bundles === this.#bundles) return;
    this.#credential = credential;
    this.#bundles = bundles;
    this.#next();
  }

  /** A source that fails has not changed; the next connection is refused with its failure as the cause. */
  #newest(): { credential: Credential | undefined; bundles: BundleSet | undefined } {
    try {
      return { credential: credentialOf(this.#options), bundles: this.#options.trust.bundles.current() };
    } catch {
      return { credential: this.#credential, bundles: this.#bundles };
    }
  }

  #onTimer(): void {
    const retireAt = this.#retireAt;
    if (this.#options.clock.now() >= retireAt) {
      this.#next();
      return;
    }
    this.#retireAt = Number.POSITIVE_INFINITY;
    this.retireAt(retireAt);
  }

  #next(): void {
    this.#number++;
    this.#retireAt = Number.POSITIVE_INFINITY;
    this.#timer?.cancel();
    this.#onNext();
  }
}

function credentialOf(options: ClientOptions): Credential | undefined {
  return 'credentials' in options ? options.credentials.current() : undefined;
}
