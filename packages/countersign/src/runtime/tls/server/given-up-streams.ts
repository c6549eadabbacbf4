/**
 * Streams of HTTP/2 that their callers give up before any answer (rapid reset, CVE-2023-44487), or have the server give up (CVE-2025-8671): an account of
 * them for each caller, whichever connection they come by. nghttp2's own limit is of one session, and acts only once all that came at once was served.
 */
import type { Clock } from '../../../ground/clock/index.ts';
import type { Admitted } from './interpose.ts';
import { networkOf } from './crowd.ts';

/**
 * At once: as many as may be open at a time, which a proxy in front may give up together. Each costs some 0.1 ms here, so that somebody else waits 25 ms,
 * once. Own choice.
 */
export const mostGivenUp = 250;

/** Own choice: a busy program's timeouts are fewer, and each request that ends well makes up for one besides. */
const forgivenPerSecond = 10;

/** How long who was told to calm down is not told again. Own choice. */
const toldForMs = 10_000;

/** Of more, the oldest is forgotten; own choice, about 200 bytes each. */
const mostAccounts = 10_000;

type Monotonic = Pick<Clock, 'monotonic'>;

export class GivenUpAccount {
  readonly #clock: Monotonic;
  #left = mostGivenUp;
  #atMs: number;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Monotonic) {
    this.#clock = clock;
    this.#atMs = clock.monotonic();
  }

  /** May be below 0: what came at once is counted whole. */
  get left(): number {
    const nowMs = this.#clock.monotonic();
    this.#left = Math.min(mostGivenUp, this.#left + ((nowMs - this.#atMs) / 1_000) * forgivenPerSecond);
    this.#atMs = nowMs;
    return this.#left;
  }

  /** @returns whether that was more than there was */
  take(givenUp: number, endedWell: number): boolean {
    // Not below what a second forgives: who was ended for it may soon come again.
    this.#left = Math.max(-forgivenPerSecond, Math.min(mostGivenUp, this.left + endedWell) - givenUp);
    return this.#left < 0;
  }

  /** Once in a while. */
  isToBeTold(): boolean {
    const nowMs = this.#clock.monotonic();
    if (nowMs - this.#toldAtMs < toldForMs) return false;
    this.#toldAtMs = nowMs;
    return true;
  }
}

/** Of one server. Who never gave anything up has none. */
export class GivenUpAccounts {
  readonly #clock: Monotonic;
  readonly #accounts = new Map<string, GivenUpAccount>();

  constructor(clock: Monotonic) {
    this.#clock = clock;
  }

  known(caller: Admitted): GivenUpAccount | undefined {
    return this.#accounts.size === 0 ? undefined : this.#accounts.get(keyOf(caller));
  }

  of(caller: Admitted): GivenUpAccount {
    const key = keyOf(caller);
    const known = this.#accounts.get(key);
    if (known !== undefined) return known;
    this.#makeRoom();
    const account = new GivenUpAccount(this.#clock);
    this.#accounts.set(key, account);
    return account;
  }

  #makeRoom(): void {
    for (const [key, account] of this.#accounts) {
      if (this.#accounts.size < mostAccounts && account.left < mostGivenUp) return;
      this.#accounts.delete(key);
    }
  }
}

/** A certificate names who it is wherever he comes from; without one there is the address alone. */
function keyOf({ peer, remote }: Admitted): string {
  return peer === undefined ? `address ${networkOf(remote.address)}` : `peer ${peer.name}`;
}
