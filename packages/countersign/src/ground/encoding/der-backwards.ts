/** DER written from its last octet to its first: each length is known when its turn comes, and every octet is written once. */
import { tags } from './der-tags.ts';

/**
 * Octets that are taken at a time: memory of its own costs more for each of a thousand small pieces than writing them does.
 * Small enough to be no matter where one piece of it is kept for long.
 */
const slabSize = 16 * 1024;

/** What `write` writes, from its end. It shares its memory with other such pieces, and nobody else has its octets. */
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
  #slab = new Uint8Array(slabSize);
  /** Before this, nothing of the slab is in use. */
  #start: number = slabSize;
  #end: number = slabSize;

  /** How much is written: remembered before the contents of an element, for `wrap` after them. */
  get written(): number {
    return this.#end - this.#start;
  }

  octet(value: number): void {
    if (this.#start === 0) this.#makeRoom(1);
    this.#start -= 1;
    this.#slab[this.#start] = value;
  }

  octets(values: Uint8Array): void {
    if (this.#start < values.length) this.#makeRoom(values.length);
    this.#start -= values.length;
    this.#slab.set(values, this.#start);
  }

  /** Makes what was written after `since` the contents of an element. */
  wrap(tag: number, since: number): void {
    let left = this.written - since;
    if (left >= 0x80) {
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

  finish(): Uint8Array {
    const whole = this.#slab.subarray(this.#start, this.#end);
    this.#end = this.#start;
    return whole;
  }

  #makeRoom(needed: number): void {
    const { written } = this;
    const slab = new Uint8Array(Math.max(slabSize, 2 * (written + needed)));
    slab.set(this.#slab.subarray(this.#start, this.#end), slab.length - written);
    this.#slab = slab;
    this.#start = slab.length - written;
    this.#end = slab.length;
  }
}
