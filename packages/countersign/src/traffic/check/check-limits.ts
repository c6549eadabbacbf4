/** How often one address may have certificates checked: each check is a handshake and a path validation for whoever asks. */
import { isIPv6 } from 'node:net';

import type { Clock } from '../../ground/clock/index.ts';

/** Own choices: a person who tries, and a script that tries for him; never a load. */
const everyMs = 10_000;
const perAddress = 20;
const perEverybody = 500;

/** Addresses that are remembered; more in one period share what is left. */
const mostAddresses = 10_000;

export class CheckLimits {
  readonly #clock: Clock;
  readonly #counts = new Map<string, number>();
  #all = 0;
  #sinceMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = clock.monotonic();
  }

  /** Whether this check may be made; it is counted. */
  take(address: string): boolean {
    const now = this.#clock.monotonic();
    if (now - this.#sinceMs >= everyMs) {
      this.#counts.clear();
      this.#all = 0;
      this.#sinceMs = now;
    }
    const key = networkOf(address);
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#all += 1;
    if (this.#counts.size < mostAddresses || this.#counts.has(key)) this.#counts.set(key, count);
    return count <= perAddress && this.#all <= perEverybody;
  }
}

/** Of IPv6 the first 64 bits: whoever has one address has all of these (RFC 6177). */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.toLowerCase().startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? 0 : tail.split(':').length;
  const filled =
    tail === undefined ? groups : [...groups, ...Array<string>(Math.max(8 - groups.length - after, 0)).fill('0')];
  return filled.slice(0, 4).join(':');
}
