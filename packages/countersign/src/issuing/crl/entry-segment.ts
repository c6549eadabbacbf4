/** Encoded entries, one after the other, in shared memory that they are appended to: what lists are made of without being encoded again. */
import { type EntryFields, mostEntryOctets, writeEntry } from './entry-encoder.ts';

const leastOctets = 1024;

/** Then at once so much, and twice as much each time: what is never written to takes no memory, and what was outgrown takes it until it is collected. */
const grownOctets = 256 * 1024;

export class EntrySegment {
  #octets: Uint8Array = shared(leastOctets);
  #length = 0;
  /** When each certificate ends, in seconds since 1970, in the order of the entries. */
  #notAfter = new Uint32Array(16);
  #count = 0;
  /**
   * By the hash of the serial number: the offset of the entry and one more in the low bits, and above them the hash's own, so that others' entries, which are
   * far away in memory, need not be looked at. 0 is empty. Made when something is looked up.
   */
  #index: Int32Array | undefined;
  /** The bits of an offset: all that the memory's length has. */
  #offsets = 0;

  get count(): number {
    return this.#count;
  }

  /** All entries: a view that stays as it is until something is removed. */
  get entries(): Uint8Array {
    return this.#octets.subarray(0, this.#length);
  }

  append(entry: EntryFields, notAfterSeconds: number): void {
    const at = this.#length;
    if (at + mostEntryOctets > this.#octets.length) this.#grow();
    this.#length = writeEntry(this.#octets, at, entry);
    if (this.#count === this.#notAfter.length) this.#notAfter = enlarged(this.#notAfter);
    this.#notAfter[this.#count++] = notAfterSeconds;
    if (this.#index === undefined) return;
    if (this.#count * 4 > this.#index.length * 3) this.#index = undefined;
    else this.#insert(this.#index, hashOf(entry.serials, entry.from, entry.octets), at);
  }

  /** Where the entry of the serial number is; -1 where there is none. */
  find(serials: Uint8Array, from: number, octets: number): number {
    const index = (this.#index ??= this.#indexed());
    const offsets = this.#offsets;
    const mask = index.length - 1;
    const hash = hashOf(serials, from, octets);
    for (let slot = slotOf(hash) & mask; ; slot = (slot + 1) & mask) {
      const held = index[slot] ?? 0;
      if (held === 0) return -1;
      if (((held ^ hash) & ~offsets) !== 0) continue;
      const at = (held & offsets) - 1;
      if (this.#isOf(at, serials, from, octets)) return at;
    }
  }

  /** @param at what `find` has answered */
  entryAt(at: number): Uint8Array {
    return this.#octets.subarray(at, this.#end(at));
  }

  remove(at: number): void {
    let ordinal = 0;
    for (let before = 0; before < at; before = this.#end(before)) ordinal++;
    const end = this.#end(at);
    this.#octets.copyWithin(at, end, this.#length);
    this.#length -= end - at;
    this.#notAfter.copyWithin(ordinal, ordinal + 1, this.#count--);
    this.#index = undefined;
  }

  /** Whose certificates ended before `seconds`. */
  dropExpired(seconds: number): number {
    let [kept, length] = [0, 0];
    for (let at = 0, ordinal = 0; ordinal < this.#count; ordinal++) {
      const end = this.#end(at);
      const ends = this.#notAfter[ordinal] ?? 0;
      if (ends >= seconds) {
        if (length !== at) this.#octets.copyWithin(length, at, end);
        this.#notAfter[kept++] = ends;
        length += end - at;
      }
      at = end;
    }
    const dropped = this.#count - kept;
    if (dropped > 0) this.#index = undefined;
    [this.#count, this.#length] = [kept, length];
    return dropped;
  }

  /** An entry is shorter than 128 octets: its length takes one. */
  #end(at: number): number {
    return at + 2 + (this.#octets[at + 1] ?? 0);
  }

  #isOf(at: number, serials: Uint8Array, from: number, octets: number): boolean {
    let length = this.#octets[at + 3] ?? 0;
    let start = at + 4;
    if (length > 1 && this.#octets[start] === 0) {
      start++;
      length--;
    }
    if (length !== octets) return false;
    for (let index = 0; index < octets; index++)
      if (this.#octets[start + index] !== serials[from + index]) return false;
    return true;
  }

  #indexed(): Int32Array {
    const index = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(16, this.#count * 1.5))));
    // The memory's length is a power of two, and no entry begins at its end.
    this.#offsets = this.#octets.length - 1;
    for (let at = 0; at < this.#length; at = this.#end(at)) {
      const sign = (this.#octets[at + 3] ?? 0) > 1 && this.#octets[at + 4] === 0 ? 1 : 0;
      this.#insert(index, hashOf(this.#octets, at + 4 + sign, (this.#octets[at + 3] ?? 0) - sign), at);
    }
    return index;
  }

  #insert(index: Int32Array, hash: number, at: number): void {
    const mask = index.length - 1;
    let slot = slotOf(hash) & mask;
    while (index[slot] !== 0) slot = (slot + 1) & mask;
    index[slot] = (hash & ~this.#offsets) | (at + 1);
  }

  #grow(): void {
    const octets = shared(Math.max(grownOctets, 2 * this.#octets.length));
    octets.set(this.entries);
    this.#octets = octets;
    // Its offsets have had fewer bits.
    this.#index = undefined;
  }
}

function shared(octets: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(octets));
}

function enlarged(numbers: Uint32Array): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(Math.max(1024, numbers.length * 2));
  more.set(numbers);
  return more;
}

/**
 * The octets before the last, which all of a segment may share. Serial numbers are random and the authority's own: nobody chooses them so that
 * they collide.
 */
function hashOf(octets: Uint8Array, from: number, count: number): number {
  const end = from + count - 1;
  let hash = count;
  for (let at = Math.max(from, end - 4); at < end; at++) hash = (hash << 8) ^ (octets[at] ?? 0);
  return Math.imul(hash, 0x9e3779b1);
}

/** Bits that the index does not hold beside an offset, most of them. */
function slotOf(hash: number): number {
  return hash >>> 7;
}
