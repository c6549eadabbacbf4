/** DER written from its last octet to its first: each length is known when its turn comes, and every octet is written once. */
import { tags } from './der-tags.ts';

/** Octets to begin with; a service's certificate has about 600. */
const firstSize = 2048;

/** What `write` writes, from its end, in memory of its own. */
export function writeBackwards(write: (der: BackwardsDer) => void): Uint8Array {
  const der = free ?? new BackwardsDer();
  // Not free while it is written with, nor after a failure.
  free = undefined;
  write(der);
  const whole = der.finish();
  free = der;
  return whole;
}

let free: BackwardsDer | undefined;

class BackwardsDer {
  #bytes = new Uint8Array(firstSize);
  #start: number = firstSize;

  /** How much is written: remembered before the contents of an element, for `wrap` after them. */
  get written(): number {
    return this.#bytes.length - this.#start;
  }

  octet(value: number): void {
    if (this.#start === 0) this.#grow(1);
    this.#start -= 1;
    this.#bytes[this.#start] = value;
  }

  octets(values: Uint8Array): void {
    if (this.#start < values.length) this.#grow(values.length);
    this.#start -= values.length;
    this.#bytes.set(values, this.#start);
  }

  /** Makes what was written after `since` the contents of an element. */
  wrap(tag: number, since: number): void {
    const length = this.written - since;
    let left = length;
    if (length >= 0x80) {
      // The shortest form (X.690, 10.1), the most significant octet first.
      let count = 0;
      for (; left > 0; left = Math.floor(left / 256)) {
        this.octet(left % 256);
        count++;
      }
      left = 0x80 | count;
    }
    this.octet(left);
    this.octet(tag);
  }

  /** @param magnitude the octets of a number that is zero or positive, most significant first */
  integer(magnitude: Uint8Array): void {
    const since = this.written;
    let first = 0;
    while (first < magnitude.length && magnitude[first] === 0) first++;
    this.octets(first === 0 ? magnitude : magnitude.subarray(first));
    // Zero, and what would read as negative, take one octet more (X.690, 8.3).
    if (first === magnitude.length || (magnitude[first] ?? 0) >= 0x80) this.octet(0);
    this.wrap(tags.integer, since);
  }

  /** What was written, in memory of its own. */
  finish(): Uint8Array {
    const whole = this.#bytes.slice(this.#start);
    this.#start = this.#bytes.length;
    return whole;
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.written + needed));
    larger.set(this.#bytes.subarray(this.#start), larger.length - this.written);
    this.#start = larger.length - this.written;
    this.#bytes = larger;
  }
}
