/** Where in a list a serial number stands, found in one step: sixteen octets an entry, and no object. */

/** Ends a chain; entries are counted from 1 within. */
const none = 0;

/** Some milliseconds of a busy machine, since each goes somewhere else in memory. */
const entriesPerStep = 32_768;

export class SerialIndex {
  readonly #fingerprints: Uint32Array;
  /** By the hash of a fingerprint: the first entry with it. */
  readonly #heads: Uint32Array;
  /** The next entry with the same hash. A list's issuer can make them all the same, which costs one comparison an entry and no more. */
  readonly #next: Uint32Array;
  readonly #shift: number;

  private constructor(fingerprints: readonly number[]) {
    // Twice as many chains as entries, so that most chains are empty: a certificate is seldom on the list.
    const bits = Math.min(32, 1 + Math.ceil(Math.log2(fingerprints.length + 1)));
    this.#shift = 32 - bits;
    this.#fingerprints = new Uint32Array(fingerprints);
    this.#heads = new Uint32Array(2 ** bits);
    this.#next = new Uint32Array(fingerprints.length);
  }

  /** @param fingerprints of 32 bits, one for each entry in the list's order */
  static *inSteps(fingerprints: readonly number[]): Generator<undefined, SerialIndex, undefined> {
    const index = new SerialIndex(fingerprints);
    // From the last to the first, so that chains are in the list's order.
    for (let end = fingerprints.length; end > 0; end -= entriesPerStep) {
      index.#add(Math.max(0, end - entriesPerStep), end);
      yield;
    }
    return index;
  }

  #add(from: number, end: number): void {
    for (let at = end - 1; at >= from; at--) {
      const slot = this.#slot(this.#fingerprints[at] ?? 0);
      this.#next[at] = this.#heads[slot] ?? none;
      this.#heads[slot] = at + 1;
    }
  }

  /** The first entry with this fingerprint; -1 where there is none. */
  first(fingerprint: number): number {
    return this.#matching(this.#heads[this.#slot(fingerprint)] ?? none, fingerprint);
  }

  /** The next one after the entry `at`. */
  after(at: number, fingerprint: number): number {
    return this.#matching(this.#next[at] ?? none, fingerprint);
  }

  #matching(from: number, fingerprint: number): number {
    let entry = from;
    while (entry !== none && this.#fingerprints[entry - 1] !== fingerprint) entry = this.#next[entry - 1] ?? none;
    return entry - 1;
  }

  /** Multiplied by 2^32 over the golden ratio, so that serial numbers that count up spread, too (Knuth, volume 3, 6.4). */
  #slot(fingerprint: number): number {
    return Math.imul(fingerprint, 0x9e3779b1) >>> this.#shift;
  }
}
