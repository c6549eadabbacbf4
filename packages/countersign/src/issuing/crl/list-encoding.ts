/** A list in pieces: what stands before the entries and after them is made, the entries are as they are (RFC 5280, 5.1). */
import {
  concatBytes,
  encodeExplicit,
  encodeHead,
  encodeInteger,
  encodeSequence,
  encodeTime,
  fromHex,
  tags,
} from '../../ground/encoding/index.ts';
import {
  authorityKeyIdentifierExtension,
  crlNumberExtension,
  deltaCrlIndicatorExtension,
  encodeSignatureAlgorithm,
  freshestCrlExtension,
  issuingDistributionPointExtension,
  type SignatureAlgorithm,
} from '../../identity/x509/index.ts';
import type { ListToBeSigned } from '../authority/index.ts';

/** What all lists of an issuer say alike. */
export interface ListIssuer {
  /** Name, DER. */
  readonly name: Uint8Array;
  /** Hexadecimal. */
  readonly keyIdentifier: string;
  readonly signatureAlgorithm: SignatureAlgorithm;
}

export interface ListFields {
  readonly number: bigint;
  /** Of a delta list: the number of the complete one that it changes. */
  readonly base?: bigint | undefined;
  /** Milliseconds since 1970. */
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
  /** Of a list for one shard: the address in its certificates (RFC 5280, 6.3.3 (b)(2)(i)). */
  readonly point?: string | undefined;
  /** Of a complete list: where its delta is. */
  readonly freshest?: string | undefined;
  readonly entries: readonly Uint8Array[];
}

export function encodeListPieces(issuer: ListIssuer, fields: ListFields): ListToBeSigned {
  const entries = fields.entries.filter(({ length }) => length > 0);
  const extensions = encodeExplicit(0, encodeSequence(...extensionsOf(issuer, fields)));
  const fixed = [
    encodeInteger(1),
    encodeSignatureAlgorithm(issuer.signatureAlgorithm),
    issuer.name,
    encodeTime(fields.thisUpdateMs),
    encodeTime(fields.nextUpdateMs),
  ];
  const entryOctets = lengthOf(entries);
  // Absent rather than empty (5.1.2.6).
  const before = [...fixed, ...(entryOctets === 0 ? [] : [encodeHead(tags.sequence, entryOctets)])];
  const outer = encodeHead(tags.sequence, lengthOf(before) + entryOctets + extensions.length);
  return { head: concatBytes([outer, ...before]), entries, extensions };
}

function extensionsOf({ keyIdentifier }: ListIssuer, fields: ListFields): Uint8Array[] {
  const { number, base, point, freshest } = fields;
  return [
    authorityKeyIdentifierExtension(fromHex(keyIdentifier) ?? new Uint8Array()),
    crlNumberExtension(octetsOf(number)),
    ...(base === undefined ? [] : [deltaCrlIndicatorExtension(octetsOf(base))]),
    ...(point === undefined ? [] : [issuingDistributionPointExtension({ fullName: { uri: [point] } })]),
    ...(freshest === undefined ? [] : [freshestCrlExtension([{ fullName: { uri: [freshest] } }])]),
  ];
}

/** CertificateList: before, between and after what was signed. */
export function signedPieces(
  { head, entries, extensions }: ListToBeSigned,
  algorithm: SignatureAlgorithm,
  signature: Uint8Array,
): readonly Uint8Array[] {
  const toBeSigned = [head, ...entries, extensions];
  const bits = concatBytes([encodeHead(tags.bitString, signature.length + 1), Uint8Array.of(0), signature]);
  const after = concatBytes([encodeSignatureAlgorithm(algorithm), bits]);
  return [encodeHead(tags.sequence, lengthOf(toBeSigned) + after.length), ...toBeSigned, after];
}

export function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

function octetsOf(number: bigint): Uint8Array {
  const digits = number.toString(16);
  return fromHex(digits.padStart(digits.length + (digits.length % 2), '0')) ?? new Uint8Array();
}
