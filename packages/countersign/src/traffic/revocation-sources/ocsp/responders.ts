/** How the responders that were asked are doing: which is left alone for a while, and of which somebody was warned. */
import type { Clock } from '../../../ground/clock/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import type { Random } from '../backoff.ts';

const firstPauseMs = 1_000;

/** Own choice: a responder that is back is found again within a minute. */
const longestPauseMs = 60_000;

/** Failures one after the other, each of another certificate maybe, after which a responder itself is left alone. Own choice. */
const toleratedFailures = 3;

/** Doubles with each failure, spread over its upper half. */
export function pauseMs(failures: number, random: Random): number {
  const whole = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(Math.max(failures - 1, 0), 16));
  return whole / 2 + (random() * whole) / 2;
}

interface Responder {
  failures: number;
  /** On the monotonic clock. */
  closedUntil: number;
  failure: Refusal | undefined;
  warned: 'soon' | 'stale' | undefined;
}

/** Addresses remembered: own choice, many times what the authorities of a bundle name. */
const mostResponders = 1_000;

export class Responders {
  readonly #clock: Clock;
  readonly #random: Random;
  /** The least recently used first. */
  readonly #responders = new Map<string, Responder>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Why it is not asked now, or `undefined` where it may be. */
  closed(url: string): Refusal | undefined {
    const responder = this.#responders.get(url);
    if (responder === undefined || responder.closedUntil <= this.#clock.monotonic()) return undefined;
    return responder.failure;
  }

  /** How long until it is asked again. */
  closedForMs(url: string): number {
    return Math.max(0, (this.#responders.get(url)?.closedUntil ?? 0) - this.#clock.monotonic());
  }

  answered(url: string): void {
    const responder = this.#of(url);
    Object.assign(responder, { failures: 0, closedUntil: 0, failure: undefined, warned: undefined });
  }

  /** Those that were under way together when it went away count as one. */
  failed(url: string, failure: Refusal): void {
    const responder = this.#of(url);
    if (responder.closedUntil > this.#clock.monotonic()) return;
    responder.failures++;
    responder.failure = failure;
    const beyond = responder.failures - toleratedFailures;
    if (beyond >= 0) responder.closedUntil = this.#clock.monotonic() + pauseMs(beyond + 1, this.#random);
  }

  /** Whether to warn: once for each responder and degree, until it answers again. */
  mayWarn(url: string, degree: 'soon' | 'stale'): boolean {
    const responder = this.#of(url);
    if (responder.warned === 'stale' || responder.warned === degree) return false;
    responder.warned = degree;
    return true;
  }

  #of(url: string): Responder {
    const known = this.#responders.get(url);
    this.#responders.delete(url);
    const responder = known ?? { failures: 0, closedUntil: 0, failure: undefined, warned: undefined };
    this.#responders.set(url, responder);
    for (const oldest of this.#responders.keys()) {
      if (this.#responders.size <= mostResponders) break;
      this.#responders.delete(oldest);
    }
    return responder;
  }
}
