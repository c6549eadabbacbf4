/**
 * BER (X.690, 8) brought into DER's form of lengths and octet strings, within limits. For PKCS#12 alone, whose makers may write
 * BER (RFC 7292, 4); values are left as they are, so that whoever reads the result still reads them strictly.
 */
import { Refusal } from '../errors/index.ts';
import { concatBytes } from './bytes.ts';
import { tags } from './der-tags.ts';
import { encodeElement } from './der-writer.ts';

/** Elements of one file with all that lies in it: a store of 140 authorities has about 4000. Each takes about 0.3 µs. */
const mostElements = 100_000;

/** Levels of nesting, as many as `DerReader` follows. */
const mostDepth = 32;

const constructed = 0x20;
const endOfContents = 0x00;

/** What one file may cost; the same one goes to every layer of it. */
export class BerBudget {
  #left: number = mostElements;

  take(offset: number): void {
    if (this.#left === 0) throw new Refusal('CS-DER-002', { offset, limit: 'elements', maximum: mostElements });
    this.#left -= 1;
  }
}

/** The one element of `bytes` with definite, minimal lengths and with its octet strings in one piece. */
export function berToDer(bytes: Uint8Array, budget: BerBudget): Uint8Array {
  const reader = new Ber(bytes, budget);
  const element = reader.element(bytes.length, 0);
  if (reader.at !== bytes.length) throw malformed('bytes after the last element', reader.at);
  return element;
}

class Ber {
  readonly #bytes: Uint8Array;
  readonly #budget: BerBudget;
  at = 0;

  constructor(bytes: Uint8Array, budget: BerBudget) {
    this.#bytes = bytes;
    this.#budget = budget;
  }

  element(end: number, depth: number): Uint8Array {
    const { tag, start, length } = this.#header(end, depth);
    if ((tag & constructed) === 0) {
      if (length === undefined) throw malformed('indefinite length of a primitive element', start);
      return encodeElement(tag, this.#take(length));
    }
    if (tag === (tags.octetString | constructed)) {
      return encodeElement(tags.octetString, concatBytes(this.#segments(length, end, depth, start)));
    }
    // Other strings in pieces are BER too, but nobody writes them.
    if (tag < 0x40 && tag !== tags.sequence && tag !== tags.set) throw malformed('constructed string', start);
    const members = this.#members(length, end, (inner) => this.element(inner, depth + 1));
    return encodeElement(tag, concatBytes(members));
  }

  /** The pieces of a constructed OCTET STRING, which are OCTET STRINGs of either form (X.690, 8.7.3). */
  #segments(length: number | undefined, end: number, depth: number, offset: number): Uint8Array[] {
    return this.#members(length, end, (inner) => {
      const header = this.#header(inner, depth + 1);
      if ((header.tag & ~constructed) !== tags.octetString) {
        throw malformed('a piece of an OCTET STRING that is none', header.start);
      }
      if ((header.tag & constructed) !== 0) {
        return concatBytes(this.#segments(header.length, inner, depth + 1, header.start));
      }
      if (header.length === undefined) throw malformed('indefinite length of a primitive element', offset);
      return this.#take(header.length);
    });
  }

  /** @param length the contents' length, or `undefined` where end-of-contents octets end them */
  #members(length: number | undefined, end: number, read: (end: number) => Uint8Array): Uint8Array[] {
    const members: Uint8Array[] = [];
    if (length !== undefined) {
      const last = this.at + length;
      while (this.at < last) members.push(read(last));
      return members;
    }
    while (this.#bytes[this.at] !== endOfContents || this.at >= end) {
      if (this.at >= end) throw malformed('end-of-contents is missing', this.at);
      members.push(read(end));
    }
    if (this.at + 2 > end || this.#bytes[this.at + 1] !== 0) throw malformed('end-of-contents is damaged', this.at);
    this.at += 2;
    return members;
  }

  #header(end: number, depth: number): { tag: number; start: number; length: number | undefined } {
    const start = this.at;
    if (depth > mostDepth) throw new Refusal('CS-DER-002', { offset: start, limit: 'depth', maximum: mostDepth });
    this.#budget.take(start);
    const tag = this.#next(end, 'an element is missing');
    if ((tag & 0x1f) === 0x1f) throw malformed('tag number above 30', start);
    if (tag === endOfContents) throw malformed('end-of-contents where there is nothing to end', start);
    const length = this.#length(end);
    if (length !== undefined && length > end - this.at) throw malformed('length reaches past the end', this.at);
    return { tag, start, length };
  }

  #length(end: number): number | undefined {
    const at = this.at;
    const first = this.#next(end, 'length is missing');
    if (first < 0x80) return first;
    if (first === 0x80) return undefined;
    const count = first & 0x7f;
    if (count > 4) throw malformed('length of more than four octets', at);
    let length = 0;
    for (let index = 0; index < count; index++) length = length * 256 + this.#next(end, 'length is cut off');
    return length;
  }

  #next(end: number, rule: string): number {
    const octet = this.at < end ? this.#bytes[this.at] : undefined;
    if (octet === undefined) throw malformed(rule, this.at);
    this.at += 1;
    return octet;
  }

  #take(length: number): Uint8Array {
    const taken = this.#bytes.subarray(this.at, this.at + length);
    this.at += length;
    return taken;
  }
}

function malformed(rule: string, offset: number): Refusal {
  return new Refusal('CS-DER-001', { offset, rule });
}
