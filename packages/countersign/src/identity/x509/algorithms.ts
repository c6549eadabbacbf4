/** The keys and signature algorithms that are accepted, and their encodings (RFC 5480, RFC 5758, RFC 8410). */
import {
  DerReader,
  encodeOid,
  encodeSequence,
  readBitStringBytes,
  readIntegerBytes,
  readObjectIdentifier,
  tags,
} from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';

export type KeyType = 'P-256' | 'P-384' | 'Ed25519';
export type SignatureAlgorithm = 'ecdsa-with-SHA256' | 'ecdsa-with-SHA384' | 'Ed25519';

export interface PublicKeyInfo {
  /** SubjectPublicKeyInfo, DER. */
  readonly raw: Uint8Array;
  readonly type: KeyType;
}

/** The one piece of cryptography that this room needs, handed in: whether `signature` over `signed` is of `key`. */
export type VerifySignature = (
  key: PublicKeyInfo,
  algorithm: SignatureAlgorithm,
  signed: Uint8Array,
  signature: Uint8Array,
) => boolean;

const ecPublicKey = '1.2.840.10045.2.1';
const ed25519 = '1.3.101.112';

const curves: ReadonlyMap<string, { type: KeyType; pointBytes: number }> = new Map([
  ['1.2.840.10045.3.1.7', { type: 'P-256', pointBytes: 65 }],
  ['1.3.132.0.34', { type: 'P-384', pointBytes: 97 }],
]);

const signatureOids: ReadonlyMap<string, SignatureAlgorithm> = new Map([
  ['1.2.840.10045.4.3.2', 'ecdsa-with-SHA256'],
  ['1.2.840.10045.4.3.3', 'ecdsa-with-SHA384'],
  [ed25519, 'Ed25519'],
]);

/** Reads a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7). */
export function readPublicKeyInfo(reader: DerReader): PublicKeyInfo {
  const raw = reader.element(tags.sequence);
  const info = DerReader.over(raw).enter(tags.sequence);
  const algorithm = info.enter(tags.sequence);
  const oid = readObjectIdentifier(algorithm);
  if (oid === ecPublicKey) return { raw, type: readEllipticKey(algorithm, info) };
  if (oid !== ed25519) throw new Refusal('CS-X509-002', { algorithm: `public key ${oid}` });
  // Parameters must be absent (RFC 8410, 3).
  algorithm.finish();
  const key = readBitStringBytes(info);
  info.finish();
  if (key.length !== 32) throw info.malformed('Ed25519 key of other than 32 octets');
  return { raw, type: 'Ed25519' };
}

function readEllipticKey(algorithm: DerReader, info: DerReader): KeyType {
  const oid = readObjectIdentifier(algorithm);
  algorithm.finish();
  const curve = curves.get(oid);
  if (curve === undefined) throw new Refusal('CS-X509-002', { algorithm: `elliptic curve ${oid}` });
  const point = readBitStringBytes(info);
  info.finish();
  // Compressed points are optional in RFC 5480 (2.2) and not taken by node:tls.
  if (point.length !== curve.pointBytes || point[0] !== 4)
    throw info.malformed('point not uncompressed, or of a wrong length');
  return curve.type;
}

/** Reads an AlgorithmIdentifier of a signature. */
export function readSignatureAlgorithm(reader: DerReader): SignatureAlgorithm {
  const identifier = reader.enter(tags.sequence);
  const oid = readObjectIdentifier(identifier);
  const algorithm = signatureOids.get(oid);
  if (algorithm === undefined) throw new Refusal('CS-X509-002', { algorithm: `signature ${oid}` });
  // Parameters must be absent for each of these (RFC 5758, 3.2; RFC 8410, 3).
  identifier.finish();
  return algorithm;
}

export function encodeSignatureAlgorithm(algorithm: SignatureAlgorithm): Uint8Array {
  for (const [oid, name] of signatureOids) if (name === algorithm) return encodeSequence(encodeOid(oid));
  throw new TypeError(`${algorithm} is no signature algorithm`);
}

/** Reads the signature BIT STRING; an ECDSA one must hold two positive INTEGERs in DER (RFC 5758, 3.2), which leaves no second form of it. */
export function readSignature(reader: DerReader, algorithm: SignatureAlgorithm): Uint8Array {
  const signature = readBitStringBytes(reader);
  if (algorithm === 'Ed25519') {
    if (signature.length !== 64) throw reader.malformed('Ed25519 signature of other than 64 octets');
    return signature;
  }
  const outer = DerReader.over(signature);
  const pair = outer.enter(tags.sequence);
  for (const name of ['r', 's']) {
    if ((readIntegerBytes(pair)[0] ?? 0) >= 0x80) throw pair.malformed(`ECDSA signature with a negative ${name}`);
  }
  pair.finish();
  outer.finish();
  return signature;
}

const ownAlgorithms: Readonly<Record<KeyType, SignatureAlgorithm>> = {
  'P-256': 'ecdsa-with-SHA256',
  'P-384': 'ecdsa-with-SHA384',
  Ed25519: 'Ed25519',
};

/** The one algorithm with which our own keys of this type sign. */
export function ownSignatureAlgorithm(keyType: KeyType): SignatureAlgorithm {
  return ownAlgorithms[keyType];
}

/** Whether a key of this type can have made a signature of this algorithm. */
export function algorithmFits(algorithm: SignatureAlgorithm, keyType: KeyType): boolean {
  return (algorithm === 'Ed25519') === (keyType === 'Ed25519');
}
