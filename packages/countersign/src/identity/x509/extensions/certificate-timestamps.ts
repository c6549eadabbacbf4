/** The signed certificate timestamps of Certificate Transparency (RFC 6962, 3.3), read and written: which logs promised when to show a certificate. */
import {
  concatBytes,
  type DerReader,
  encodeOctetString,
  fromHex,
  tags,
  toHex,
} from '../../../ground/encoding/index.ts';
import { encodeExtension, extensionOids } from '../extensions.ts';

export interface CertificateTimestamp {
  /** SHA-256 of the log's public key, in lower-case hexadecimal digits. */
  readonly logId: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** No extension has been defined. */
  readonly extensions: Uint8Array;
  /** "ecdsa-sha256", "rsa-sha256", or the two octets of TLS in hexadecimal digits. */
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array;
}

/** A timestamp of a version other than 1, which is to be passed over (RFC 6962, 3.2). */
export interface UnknownTimestamp {
  readonly version: number;
  /** All of it. */
  readonly raw: Uint8Array;
}

/** TLS's numbers of a hash and a signature (RFC 5246, 7.4.1.4.1); logs use no others (RFC 6962, 2.1.4). */
const algorithms: ReadonlyMap<string, string> = new Map([
  ['0403', 'ecdsa-sha256'],
  ['0401', 'rsa-sha256'],
]);

/** 9999-12-31T23:59:59.999Z: later ones have no RFC 3339 text. */
const mostTimestampMs = 253_402_300_799_999;

export function readCertificateTimestamps(reader: DerReader): (CertificateTimestamp | UnknownTimestamp)[] {
  const { offset } = reader;
  const contents = reader.contents(tags.octetString);
  const malformed = (rule: string): Error => reader.malformed(rule, offset);
  const outer = new Vectors(contents, malformed);
  const list = new Vectors(outer.vector(), malformed);
  outer.finish();
  if (list.done) throw malformed('a list without timestamps');
  const timestamps: (CertificateTimestamp | UnknownTimestamp)[] = [];
  while (!list.done) timestamps.push(readTimestamp(list.vector(), malformed));
  return timestamps;
}

function readTimestamp(raw: Uint8Array, malformed: Malformed): CertificateTimestamp | UnknownTimestamp {
  const fields = new Vectors(raw, malformed);
  const version = fields.number(1);
  if (version !== 0) return { version: version + 1, raw };
  const logId = toHex(fields.octets(32));
  const timestamp = fields.number(8);
  if (timestamp > mostTimestampMs) throw malformed('a timestamp after the year 9999');
  const extensions = fields.vector();
  const octets = toHex(fields.octets(2));
  const signature = fields.vector();
  fields.finish();
  return { logId, timestamp, extensions, signatureAlgorithm: algorithms.get(octets) ?? octets, signature };
}

type Malformed = (rule: string) => Error;

/** The numbers and vectors of TLS's presentation language (RFC 8446, 3). */
class Vectors {
  readonly #bytes: Uint8Array;
  readonly #malformed: Malformed;
  #at = 0;

  constructor(bytes: Uint8Array, malformed: Malformed) {
    this.#bytes = bytes;
    this.#malformed = malformed;
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  octets(count: number): Uint8Array {
    if (count > this.#bytes.length - this.#at) throw this.#malformed('a timestamp list that is cut off');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  number(octets: number): number {
    return this.octets(octets).reduce((value, octet) => value * 256 + octet, 0);
  }

  /** Contents after a length of two octets. */
  vector(): Uint8Array {
    return this.octets(this.number(2));
  }

  finish(): void {
    if (!this.done) throw this.#malformed('octets after the end of a timestamp');
  }
}

/** Not critical. */
export function certificateTimestampsExtension(
  timestamps: readonly (CertificateTimestamp | UnknownTimestamp)[],
): Uint8Array {
  const list = vector(concatBytes(timestamps.map((one) => vector('raw' in one ? one.raw : encodeTimestamp(one)))));
  return encodeExtension(extensionOids.signedCertificateTimestamps, false, encodeOctetString(list));
}

function encodeTimestamp(one: CertificateTimestamp): Uint8Array {
  const named = [...algorithms].find(([, name]) => name === one.signatureAlgorithm);
  const time = new DataView(new ArrayBuffer(8));
  time.setBigUint64(0, BigInt(one.timestamp));
  return concatBytes([
    Uint8Array.of(0),
    octetsOf(one.logId, 32),
    new Uint8Array(time.buffer),
    vector(one.extensions),
    octetsOf(named?.[0] ?? one.signatureAlgorithm, 2),
    vector(one.signature),
  ]);
}

function octetsOf(hex: string, count: number): Uint8Array {
  const octets = fromHex(hex);
  if (octets?.length !== count) throw new TypeError(`${hex} is not ${String(count)} octets in hexadecimal digits`);
  return octets;
}

function vector(contents: Uint8Array): Uint8Array {
  if (contents.length > 0xffff) throw new TypeError('a list of timestamps has at most 65535 octets');
  return concatBytes([Uint8Array.of(contents.length >> 8, contents.length & 0xff), contents]);
}
