/** All entries of an issuer's lists, by the last octet of their serial numbers, and what has changed of them lately, for the delta lists. */
import { concatBytes, fromHex, hexOf } from '../../ground/encoding/index.ts';
import { holdReason, mostEntryOctets, removeReason, writeEntry } from './entry-encoder.ts';
import { EntrySegment } from './entry-segment.ts';
import { covers, type ListScope, segmentCount } from './list-scope.ts';
import type { RevokedRowsPage } from './revoked-rows.ts';

/** A change that a delta list tells: the entry, or that there is none any more (removeFromCRL). */
interface Recent {
  readonly segment: number;
  /** The number of the edition that was out. */
  readonly edition: bigint;
  readonly entry: Uint8Array;
}

/** 2106, the last that a segment can hold: what ends later must not seem to have ended. */
const lastSecond = 0xffff_ffff;

export class EntryStore {
  readonly #segments: readonly EntrySegment[] = Array.from({ length: segmentCount }, () => new EntrySegment());
  readonly #recent = new Map<string, Recent>();
  readonly #held = new Set<string>();
  #edition = 0n;

  get count(): number {
    return this.#segments.reduce((sum, { count }) => sum + count, 0);
  }

  /** Upper-case hexadecimal: those that may be released. */
  get held(): readonly string[] {
    return [...this.#held];
  }

  /**
   * @param changes whether they came after the last edition: then some may be there already, with another reason, and delta lists tell of them
   * @returns the segments that have changed
   */
  add({ serials, revokedAt, notAfter, reasons }: RevokedRowsPage, changes: boolean): ReadonlySet<number> {
    const touched = new Set<number>();
    let from = 0;
    for (let row = 0; row < reasons.length; row++) {
      const end = from + 1 + (serials[from] ?? 0);
      from = significant(serials, from + 1, end);
      const octets = end - from;
      const segment = serials[end - 1] ?? 0;
      const entry = { serials, from, octets, revokedAtMs: revokedAt[row] ?? 0, reason: reasons[row] ?? 0 };
      if (changes) {
        this.#change(entry, segment);
        touched.add(segment);
      }
      this.#of(segment).append(entry, Math.min(lastSecond, Math.floor((notAfter[row] ?? 0) / 1000)));
      if (entry.reason === holdReason) this.#held.add(hexOf(serials, from, end).toUpperCase());
      from = end;
    }
    return touched;
  }

  /** Holds that have ended. @param atMs when that was noticed */
  release(serialNumbers: readonly string[], atMs: number): ReadonlySet<number> {
    const touched = new Set<number>();
    for (const serialNumber of serialNumbers) {
      const serials = fromHex(serialNumber) ?? new Uint8Array();
      const segment = serials.at(-1) ?? 0;
      this.#held.delete(serialNumber);
      const from = significant(serials, 0, serials.length);
      const place = { serials, from, octets: serials.length - from };
      const at = this.#of(segment).find(serials, from, place.octets);
      if (at < 0) continue;
      this.#of(segment).remove(at);
      this.#remember(serialNumber, segment, { ...place, revokedAtMs: atMs, reason: removeReason });
      touched.add(segment);
    }
    return touched;
  }

  /** After a restart: what came after the edition that delta lists start from, and is in the segments already. */
  recall({ serials, revokedAt, reasons }: RevokedRowsPage): void {
    let from = 0;
    for (let row = 0; row < reasons.length; row++) {
      const end = from + 1 + (serials[from] ?? 0);
      from = significant(serials, from + 1, end);
      const entry = { serials, from, octets: end - from, revokedAtMs: revokedAt[row] ?? 0, reason: reasons[row] ?? 0 };
      this.#remember(hexOf(serials, from, end).toUpperCase(), serials[end - 1] ?? 0, entry);
      from = end;
    }
  }

  /** After a restart: holds that have ended since that edition, and are in no segment. @param atMs when that was noticed */
  recallReleased(serialNumbers: readonly string[], atMs: number): void {
    for (const serialNumber of serialNumbers) {
      const serials = fromHex(serialNumber) ?? new Uint8Array();
      const from = significant(serials, 0, serials.length);
      const entry = { serials, from, octets: serials.length - from, revokedAtMs: atMs, reason: removeReason };
      this.#remember(serialNumber, serials.at(-1) ?? 0, entry);
    }
  }

  /** DER of the entry. */
  find(serialNumber: Uint8Array): Uint8Array | undefined {
    const { length } = serialNumber;
    const segment = this.#of(serialNumber[length - 1] ?? 0);
    const from = significant(serialNumber, 0, length);
    const at = segment.find(serialNumber, from, length - from);
    return at < 0 ? undefined : segment.entryAt(at);
  }

  /** The entries of a list, in the order of their segments. */
  entries(scope: ListScope): readonly Uint8Array[] {
    return this.#segments.filter((_, segment) => covers(scope, segment)).map(({ entries }) => entries);
  }

  /** Of a delta list: what has changed since the edition that it starts from. */
  changes(scope: ListScope): Uint8Array {
    const entries: Uint8Array[] = [];
    for (const { segment, entry } of this.#recent.values()) if (covers(scope, segment)) entries.push(entry);
    return concatBytes(entries);
  }

  /** @param beforeMs when an edition was issued: it had the entries of certificates that had ended by then, once more (RFC 5280, 3.3) */
  dropExpired(beforeMs: number): number {
    const seconds = Math.floor(beforeMs / 1000);
    return this.#segments.reduce((dropped, segment) => dropped + segment.dropExpired(seconds), 0);
  }

  /** An edition is about to be made. @param base the number of the one that its delta lists start from */
  forgetOlderChanges(base: bigint): void {
    for (const [serialNumber, { edition }] of this.#recent) if (edition < base) this.#recent.delete(serialNumber);
  }

  /** The edition of this number is out. */
  beginEdition(number: bigint): void {
    this.#edition = number;
  }

  #change(entry: Parameters<typeof writeEntry>[2], segment: number): void {
    const { serials, from, octets } = entry;
    const at = this.#of(segment).find(serials, from, octets);
    const serialNumber = hexOf(serials, from, from + octets).toUpperCase();
    if (at >= 0) this.#of(segment).remove(at);
    this.#held.delete(serialNumber);
    this.#remember(serialNumber, segment, entry);
  }

  #remember(serialNumber: string, segment: number, entry: Parameters<typeof writeEntry>[2]): void {
    this.#recent.set(serialNumber, { segment, edition: this.#edition, entry: encoded(entry) });
  }

  #of(segment: number): EntrySegment {
    const found = this.#segments[segment];
    if (found === undefined) throw new TypeError('an octet is expected');
    return found;
  }
}

/** Where a number begins that may be written with zeros before it. */
function significant(octets: Uint8Array, from: number, end: number): number {
  let first = from;
  while (first < end - 1 && octets[first] === 0) first++;
  return first;
}

function encoded(entry: Parameters<typeof writeEntry>[2]): Uint8Array {
  const octets = new Uint8Array(mostEntryOctets);
  return octets.slice(0, writeEntry(octets, 0, entry));
}
