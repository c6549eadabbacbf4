/** Reads the vectors of TLS (RFC 8446, 3.4); past the end it reads nothing more, for what is cut off is shown as far as it goes. */
export class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** Whether `count` octets are left. */
  has(count: number): boolean {
    return this.#at + count <= this.#bytes.length;
  }

  /** An unsigned number of this many octets. */
  number(octets: number): number {
    return this.take(octets).reduce((value, octet) => value * 256 + octet, 0);
  }

  take(count: number): Uint8Array {
    const taken = this.#bytes.subarray(this.#at, this.#at + count);
    this.#at += count;
    return taken;
  }

  /** What a length of this many octets announces. */
  vector(lengthOctets: number): WireReader {
    return new WireReader(this.take(this.number(lengthOctets)));
  }

  /** The same as bytes. */
  octets(lengthOctets: number): Uint8Array {
    return this.take(this.number(lengthOctets));
  }
}
