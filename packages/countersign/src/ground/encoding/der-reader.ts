/** A strict reader of DER (X.690): definite, minimal lengths, low tags, nothing left over; every refusal names offset and rule. */
import { Refusal } from '../errors/index.ts';

/** What a certificate may weigh: OpenSSL's own limit for a peer's whole chain (SSL_MAX_CERT_LIST_DEFAULT, 100 KiB). */
const defaultMostBytes = 100 * 1024;

/** Levels of nesting; a certificate with directory names in its constraints reaches 12, so 32 leaves room and bounds the stack. */
const mostDepth = 32;

export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #depth: number;
  #at: number;

  private constructor(bytes: Uint8Array, at: number, end: number, depth: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
    this.#depth = depth;
  }

  /** @param mostBytes the size above which the bytes are refused unread; default 100 KiB */
  static over(bytes: Uint8Array, mostBytes: number = defaultMostBytes): DerReader {
    if (bytes.length > mostBytes) throw new Refusal('CS-DER-002', { offset: 0, limit: 'bytes', maximum: mostBytes });
    return new DerReader(bytes, 0, bytes.length, 0);
  }

  /** Where the next element begins, in the bytes that `over` was given. */
  get offset(): number {
    return this.#at;
  }

  get done(): boolean {
    return this.#at === this.#end;
  }

  /** The next element's identifier octet, or `undefined` at the end. */
  peek(): number | undefined {
    return this.done ? undefined : this.#bytes[this.#at];
  }

  /** Enters the next element, which must carry `tag`. */
  enter(tag: number): DerReader {
    const start = this.#begin(tag);
    const end = this.#contentEnd();
    if (this.#depth >= mostDepth)
      throw new Refusal('CS-DER-002', { offset: start, limit: 'depth', maximum: mostDepth });
    const inner = new DerReader(this.#bytes, this.#at, end, this.#depth + 1);
    this.#at = end;
    return inner;
  }

  /** The contents of the next element, which must carry `tag`; a view, not a copy. */
  contents(tag: number): Uint8Array {
    this.#begin(tag);
    const end = this.#contentEnd();
    const contents = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return contents;
  }

  /** What `decode` makes of the contents of the next element, which must carry `tag`; they lie in `bytes` from `start` to before `end`. */
  decode<Value>(tag: number, decode: (bytes: Uint8Array, start: number, end: number) => Value): Value {
    this.#begin(tag);
    const end = this.#contentEnd();
    const start = this.#at;
    this.#at = end;
    return decode(this.#bytes, start, end);
  }

  /** The next element whole, identifier and length included, whatever its tag or, where `tag` is given, with that one. */
  element(tag?: number): Uint8Array {
    const start = this.#begin(tag);
    this.#at = this.#contentEnd();
    return this.#bytes.subarray(start, this.#at);
  }

  /** Refuses bytes after the last element expected. */
  finish(): void {
    if (!this.done) throw this.malformed('bytes after the last element');
  }

  /** A refusal for a rule broken at `offset`, by default where the reader stands. */
  malformed(rule: string, offset: number = this.#at): Refusal {
    return new Refusal('CS-DER-001', { offset, rule });
  }

  #begin(tag: number | undefined): number {
    const start = this.#at;
    const found = this.peek();
    if (found === undefined)
      throw this.malformed(tag === undefined ? 'an element is missing' : `element ${hexTag(tag)} is missing`);
    if (tag !== undefined && found !== tag)
      throw this.malformed(`element ${hexTag(tag)} expected, ${hexTag(found)} found`);
    // High tag numbers (X.690, 8.1.2.4) appear nowhere in X.509.
    if ((found & 0x1f) === 0x1f) throw this.malformed('tag number above 30');
    this.#at = start + 1;
    return start;
  }

  /** Reads the length octets and answers where the contents end. */
  #contentEnd(): number {
    const length = this.#length();
    if (length > this.#end - this.#at) throw this.malformed('length reaches past the end');
    return this.#at + length;
  }

  #length(): number {
    const at = this.#at;
    const first = this.#next('length is missing');
    if (first < 0x80) return first;
    if (first === 0x80) throw this.malformed('indefinite length', at);
    const count = first & 0x7f;
    // Four octets address 4 GiB, past any size that `over` lets in.
    if (count > 4) throw this.malformed('length of more than four octets', at);
    let length = 0;
    for (let index = 0; index < count; index++) {
      const octet = this.#next('length is cut off');
      if (index === 0 && octet === 0) throw this.malformed('length with a leading zero', at);
      length = length * 256 + octet;
    }
    if (length < 0x80) throw this.malformed('length in the long form where the short one fits', at);
    return length;
  }

  #next(rule: string): number {
    const octet = this.peek();
    if (octet === undefined) throw this.malformed(rule);
    this.#at += 1;
    return octet;
  }
}

function hexTag(tag: number): string {
  return `0x${tag.toString(16).padStart(2, '0')}`;
}
