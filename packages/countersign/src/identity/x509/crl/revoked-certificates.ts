/** The entries of a list, all checked once and each decoded when it is asked for: a list may hold hundreds of thousands. */
import { DerReader, equalBytes, tags, toHex } from '../../../ground/encoding/index.ts';
import type { DistinguishedName } from '../distinguished-name.ts';
import { serialNumberContents, serialNumberText } from '../serial-number.ts';
import { crlEntryExtensionOids } from './extension-oids.ts';
import { SerialIndex } from './serial-index.ts';
import {
  decodeEntryExtensions,
  type EntryExtensions,
  type EntryFields,
  noEntryExtensions,
  readEntryFields,
  type RevokedCertificate,
} from './revoked-certificate.ts';

/** From the entry at `from` on, entries are of certificates that `names` issued (RFC 5280, 5.3.3). */
interface IssuerChange {
  readonly from: number;
  readonly names: readonly DistinguishedName[];
}

const processed: ReadonlySet<string> = new Set(Object.values(crlEntryExtensionOids));

const nothing: readonly never[] = [];

/** Some three milliseconds of a busy machine. */
const entriesPerStep = 2048;

/** What is known of the entries that were read so far. */
interface Collected {
  readonly starts: number[];
  readonly fingerprints: number[];
  readonly issuers: IssuerChange[];
  readonly critical: Set<string>;
  extended: boolean;
  removes: boolean;
}

/** Octets of crlEntryExtensions up to which what was decoded is remembered, and how many: a reason alone has 14, and there are ten of them. */
const mostRememberedOctets = 32;
const mostRemembered = 64;

export class RevokedCertificates implements Iterable<RevokedCertificate> {
  /** Object identifiers of critical entry extensions that are not decoded here; with any, the list must not be used (RFC 5280, 5.3). */
  readonly unprocessedCritical: readonly string[];
  /** Whether any entry names a certificate issuer. */
  readonly namesIssuers: boolean;
  /** Whether any entry is there to take back another one (removeFromCRL). */
  readonly removes: boolean;
  /** Whether any entry has extensions. */
  readonly extended: boolean;

  /** revokedCertificates, DER. */
  readonly #bytes: Uint8Array;
  readonly #starts: Uint32Array;
  readonly #index: SerialIndex;
  readonly #issuers: readonly IssuerChange[];

  private constructor(bytes: Uint8Array, collected: Collected, index: SerialIndex) {
    this.#bytes = bytes;
    this.#starts = new Uint32Array(collected.starts);
    this.#index = index;
    this.#issuers = collected.issuers;
    this.extended = collected.extended;
    this.removes = collected.removes;
    this.namesIssuers = collected.issuers.length > 1;
    this.unprocessedCritical = [...collected.critical];
  }

  /**
   * Reads every entry, some thousands in a step, and refuses the whole where one is wrong.
   * @param bytes revokedCertificates, DER, or nothing where the field is absent
   * @param issuer the list's
   */
  static *readInSteps(
    bytes: Uint8Array,
    issuer: DistinguishedName,
  ): Generator<undefined, RevokedCertificates, undefined> {
    const collected: Collected = {
      ...{ starts: [], fingerprints: [], issuers: [{ from: 0, names: [issuer] }] },
      ...{ critical: new Set(), extended: false, removes: false },
    };
    const decode = rememberingDecoder();
    const list = bytes.length === 0 ? DerReader.over(bytes) : DerReader.over(bytes, bytes.length).enter(tags.sequence);
    while (!list.done) {
      collect(list, collected, decode);
      if (collected.starts.length % entriesPerStep === 0) yield;
    }
    return new RevokedCertificates(bytes, collected, yield* SerialIndex.inSteps(collected.fingerprints));
  }

  get size(): number {
    return this.#starts.length;
  }

  /**
   * The entries with this serial number: one at the most, except where the list names certificate issuers.
   * @param serialNumber as a certificate's: hexadecimal digits
   */
  find(serialNumber: string): readonly RevokedCertificate[] {
    const wanted = fingerprintOf(serialNumber);
    const first = this.#index.first(wanted);
    // Nearly always: the rest of the number need not be read.
    if (first === -1) return nothing;
    const contents = serialNumberContents(serialNumber);
    if (contents === undefined) return nothing;
    const found: RevokedCertificate[] = [];
    for (let at = first; at !== -1; at = this.#index.after(at, wanted)) {
      const fields = readEntryFields(this.#readerAt(at));
      if (equalBytes(fields.serialNumber, contents)) found.push(this.#entry(at, fields));
    }
    return found;
  }

  *[Symbol.iterator](): Generator<RevokedCertificate, void> {
    for (let at = 0; at < this.size; at++) yield this.#entry(at, readEntryFields(this.#readerAt(at)));
  }

  #entry(at: number, { serialNumber, revocationDate, extensions }: EntryFields): RevokedCertificate {
    const decoded = extensions === undefined ? noEntryExtensions : decodeEntryExtensions(extensions);
    const certificateIssuer = this.#issuerAt(at);
    return { serialNumber: serialNumberText(serialNumber), revocationDate, ...decoded, certificateIssuer };
  }

  #readerAt(at: number): DerReader {
    return DerReader.over(this.#bytes.subarray(this.#starts[at]), this.#bytes.length);
  }

  /** The last change at or before `at`. */
  #issuerAt(at: number): readonly DistinguishedName[] {
    let [low, high] = [0, this.#issuers.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#issuers[middle]?.from ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return this.#issuers[low]?.names ?? [];
  }
}

function collect(list: DerReader, collected: Collected, decode: (raw: Uint8Array) => EntryExtensions): void {
  const { starts, fingerprints, issuers, critical } = collected;
  starts.push(list.offset);
  const { serialNumber, extensions } = readEntryFields(list);
  fingerprints.push(fingerprint(serialNumber));
  if (extensions === undefined) return;
  collected.extended = true;
  const decoded = decode(extensions);
  collected.removes ||= decoded.reason === 'removeFromCRL';
  if (decoded.certificateIssuer !== undefined) {
    issuers.push({ from: starts.length - 1, names: decoded.certificateIssuer });
  }
  for (const { oid, critical: flag } of decoded.extensions) if (flag && !processed.has(oid)) critical.add(oid);
}

function fingerprint(contents: Uint8Array): number {
  const { length } = contents;
  const octet = (fromEnd: number): number => contents[length - fromEnd] ?? 0;
  return ((octet(4) << 24) | (octet(3) << 16) | (octet(2) << 8) | octet(1)) >>> 0;
}

/** The same from the text, of its last eight digits; of what is no number, any. */
function fingerprintOf(serialNumber: string): number {
  if (!serialNumber.startsWith('-')) return Number.parseInt(serialNumber.slice(-8), 16) >>> 0;
  return fingerprint(serialNumberContents(serialNumber) ?? new Uint8Array());
}

/** Most entries of a list say one of a few reasons in the same octets, so that these are decoded once. */
function rememberingDecoder(): (raw: Uint8Array) => EntryExtensions {
  const remembered = new Map<string, EntryExtensions>();
  return (raw) => {
    if (raw.length > mostRememberedOctets) return decodeEntryExtensions(raw);
    const key = toHex(raw);
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const decoded = decodeEntryExtensions(raw);
    if (remembered.size < mostRemembered) remembered.set(key, decoded);
    return decoded;
  };
}
