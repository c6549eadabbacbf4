/** CertID (RFC 6960, 4.1.1): a certificate named by hashes of its issuer's name and key, and its serial number. */
import {
  DerReader,
  encodeElement,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  readBitStringBytes,
  readObjectIdentifier,
  tags,
  toHex,
} from '../../../ground/encoding/index.ts';
import { readSerialNumber } from '../serial-number.ts';

export type CertIdHash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';

export interface CertId {
  /** DER; a responder puts it into its answer as it came. */
  readonly raw: Uint8Array;
  /** "oid 1.2.3" for a hash that is not known, under which no certificate is found. */
  readonly hashAlgorithm: CertIdHash | `oid ${string}`;
  /** Lower-case hexadecimal digits, as is `issuerKeyHash`. */
  readonly issuerNameHash: string;
  readonly issuerKeyHash: string;
  /** Upper-case hexadecimal digits; a minus before a negative number. */
  readonly serialNumber: string;
}

/** SHA-1 stands for no secret here: RFC 5019 (2.1.1) knows nothing else, and most clients ask with it. */
const hashes: readonly { readonly name: CertIdHash; readonly oid: string; readonly octets: number }[] = [
  { name: 'SHA-1', oid: '1.3.14.3.2.26', octets: 20 },
  { name: 'SHA-256', oid: '2.16.840.1.101.3.4.2.1', octets: 32 },
  { name: 'SHA-384', oid: '2.16.840.1.101.3.4.2.2', octets: 48 },
  { name: 'SHA-512', oid: '2.16.840.1.101.3.4.2.3', octets: 64 },
];

export function readCertId(reader: DerReader, readSerial: (reader: DerReader) => string = readSerialNumber): CertId {
  const raw = reader.element(tags.sequence);
  const fields = DerReader.over(raw).enter(tags.sequence);
  const hashAlgorithm = readHashAlgorithm(fields.enter(tags.sequence));
  const issuerNameHash = readHash(fields, hashAlgorithm);
  const issuerKeyHash = readHash(fields, hashAlgorithm);
  const serialNumber = readSerial(fields);
  fields.finish();
  return { raw, hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber };
}

/** Parameters are NULL or absent, and both must be taken (RFC 5754, 2); those of an unknown hash are anybody's. */
function readHashAlgorithm(identifier: DerReader): CertId['hashAlgorithm'] {
  const oid = readObjectIdentifier(identifier);
  const name = hashes.find((hash) => hash.oid === oid)?.name;
  if (!identifier.done) {
    const { offset } = identifier;
    const parameters = identifier.element(name === undefined ? undefined : tags.null);
    if (name !== undefined && parameters.length !== 2) throw identifier.malformed('NULL with contents', offset);
  }
  identifier.finish();
  return name ?? `oid ${oid}`;
}

function readHash(fields: DerReader, algorithm: CertId['hashAlgorithm']): string {
  const { offset } = fields;
  const hash = fields.contents(tags.octetString);
  const octets = hashes.find(({ name }) => name === algorithm)?.octets;
  if (octets !== undefined && hash.length !== octets) {
    throw fields.malformed(`${algorithm} hash of other than ${octets} octets`, offset);
  }
  return toHex(hash);
}

/** The issuer as `certIdOf` needs it; its certificate will do. */
export interface CertIdIssuer {
  readonly subject: { readonly raw: Uint8Array };
  readonly publicKey: { readonly raw: Uint8Array };
}

/**
 * CertID, DER.
 * @param serialNumber its octets, most significant first; positive
 * @param hash computes `algorithm`
 */
export function encodeCertId(
  issuer: CertIdIssuer,
  serialNumber: Uint8Array,
  algorithm: CertIdHash,
  hash: (bytes: Uint8Array) => Uint8Array,
): Uint8Array {
  return encodeSequence(
    // OpenSSL and most others write NULL, and some responders look answers up by these bytes.
    encodeSequence(encodeOid(oidOf(algorithm)), encodeElement(tags.null, new Uint8Array())),
    encodeOctetString(hash(issuer.subject.raw)),
    encodeOctetString(hash(keyBits(issuer.publicKey.raw))),
    encodeInteger(serialNumber),
  );
}

/** Whether `id` names certificates of this issuer; the serial number is left to the caller. */
export function certIdIsOf(id: CertId, issuer: CertIdIssuer, hash: (bytes: Uint8Array) => Uint8Array): boolean {
  return (
    id.issuerNameHash === toHex(hash(issuer.subject.raw)) &&
    id.issuerKeyHash === toHex(hash(keyBits(issuer.publicKey.raw)))
  );
}

function oidOf(algorithm: CertIdHash): string {
  const hash = hashes.find(({ name }) => name === algorithm);
  if (hash === undefined) throw new TypeError(`${algorithm} is no hash of a CertID`);
  return hash.oid;
}

/** The contents of subjectPublicKey, without tag, length and unused bits (RFC 6960, 4.1.1). */
function keyBits(publicKey: Uint8Array): Uint8Array {
  const info = DerReader.over(publicKey).enter(tags.sequence);
  info.element(tags.sequence);
  return readBitStringBytes(info);
}
