/** The keys and signature algorithms that are known, and their encodings: RFC 5480, RFC 5758, RFC 8410, RFC 4055, RFC 3279, RFC 9881. */
import {
  DerReader,
  encodeElement,
  encodeExplicit,
  encodeInteger,
  encodeOid,
  encodeSequence,
  equalBytes,
  readBitStringBytes,
  readIntegerBytes,
  readObjectIdentifier,
  tags,
} from '../../ground/encoding/index.ts';

/** Keys that can be made and that sign. */
export type KeyType = 'P-256' | 'P-384' | 'P-521' | 'Ed25519' | 'RSA' | 'ML-DSA-44' | 'ML-DSA-65' | 'ML-DSA-87';

/** Keys that are met: DSA is verified only where a caller asks for it by name, and `other` never. */
export type PublicKeyType = KeyType | 'RSA-PSS' | 'DSA' | 'other';

/** What is signed with today. */
export type SoundSignatureAlgorithm =
  | 'ecdsa-with-SHA256'
  | 'ecdsa-with-SHA384'
  | 'ecdsa-with-SHA512'
  | 'Ed25519'
  | 'sha256WithRSAEncryption'
  | 'sha384WithRSAEncryption'
  | 'sha512WithRSAEncryption'
  | 'RSASSA-PSS-SHA256'
  | 'RSASSA-PSS-SHA384'
  | 'RSASSA-PSS-SHA512'
  | 'ML-DSA-44'
  | 'ML-DSA-65'
  | 'ML-DSA-87';

/** What is known, and verified only where a caller asks for it by name. */
export type OutdatedSignatureAlgorithm =
  'sha1WithRSAEncryption' | 'ecdsa-with-SHA1' | 'dsa-with-SHA1' | 'dsa-with-SHA256';

export type SignatureAlgorithm = SoundSignatureAlgorithm | OutdatedSignatureAlgorithm;

/** An algorithm that nothing here verifies, by its identifier: "oid 1.2.840.113549.1.1.4". */
export type UnknownAlgorithm = `oid ${string}`;

export interface PublicKeyInfo {
  /** SubjectPublicKeyInfo, DER. */
  readonly raw: Uint8Array;
  readonly type: PublicKeyType;
  /** The algorithm's object identifier. */
  readonly oid: string;
  /** Of the modulus (RSA) or the field (elliptic curves); 0 where the type has one size alone or is not known. */
  readonly bits: number;
  /** The contents of the BIT STRING subjectPublicKey. */
  readonly key: Uint8Array;
}

/** The one piece of cryptography that this room needs, handed in: whether `signature` over `signed` is of `key`. */
export type VerifySignature = (
  key: PublicKeyInfo,
  algorithm: SignatureAlgorithm,
  signed: Uint8Array,
  signature: Uint8Array,
) => boolean;

const oids = {
  ecPublicKey: '1.2.840.10045.2.1',
  ed25519: '1.3.101.112',
  rsaEncryption: '1.2.840.113549.1.1.1',
  rsassaPss: '1.2.840.113549.1.1.10',
  mgf1: '1.2.840.113549.1.1.8',
  dsa: '1.2.840.10040.4.1',
} as const;

const curves: ReadonlyMap<string, { type: KeyType; bits: number; pointBytes: number }> = new Map([
  ['1.2.840.10045.3.1.7', { type: 'P-256', bits: 256, pointBytes: 65 }],
  ['1.3.132.0.34', { type: 'P-384', bits: 384, pointBytes: 97 }],
  ['1.3.132.0.35', { type: 'P-521', bits: 521, pointBytes: 133 }],
]);

/** Keys without parameters, whose octets have one length (RFC 8410, 4; RFC 9881, 4). */
const plainKeys: ReadonlyMap<string, { type: KeyType; octets: number }> = new Map([
  [oids.ed25519, { type: 'Ed25519', octets: 32 }],
  ['2.16.840.1.101.3.4.3.17', { type: 'ML-DSA-44', octets: 1312 }],
  ['2.16.840.1.101.3.4.3.18', { type: 'ML-DSA-65', octets: 1952 }],
  ['2.16.840.1.101.3.4.3.19', { type: 'ML-DSA-87', octets: 2592 }],
]);

/** `null`: parameters NULL, or absent, as RFC 4055 (5) wants both to be taken; else they must be absent. */
const signatureOids: ReadonlyMap<string, { readonly name: SignatureAlgorithm; readonly parameters?: 'null' }> = new Map(
  [
    ['1.2.840.10045.4.3.2', { name: 'ecdsa-with-SHA256' }],
    ['1.2.840.10045.4.3.3', { name: 'ecdsa-with-SHA384' }],
    ['1.2.840.10045.4.3.4', { name: 'ecdsa-with-SHA512' }],
    [oids.ed25519, { name: 'Ed25519' }],
    ['1.2.840.113549.1.1.11', { name: 'sha256WithRSAEncryption', parameters: 'null' }],
    ['1.2.840.113549.1.1.12', { name: 'sha384WithRSAEncryption', parameters: 'null' }],
    ['1.2.840.113549.1.1.13', { name: 'sha512WithRSAEncryption', parameters: 'null' }],
    ['2.16.840.1.101.3.4.3.17', { name: 'ML-DSA-44' }],
    ['2.16.840.1.101.3.4.3.18', { name: 'ML-DSA-65' }],
    ['2.16.840.1.101.3.4.3.19', { name: 'ML-DSA-87' }],
    ['1.2.840.113549.1.1.5', { name: 'sha1WithRSAEncryption', parameters: 'null' }],
    ['1.2.840.10045.4.1', { name: 'ecdsa-with-SHA1' }],
    ['1.2.840.10040.4.3', { name: 'dsa-with-SHA1' }],
    ['2.16.840.1.101.3.4.3.2', { name: 'dsa-with-SHA256' }],
  ],
);

/** RSASSA-PSS with one hash for the message and the mask, and a salt as long as the hash (RFC 4055, 3.1); others are not known. */
const pssHashes: readonly { name: SoundSignatureAlgorithm; oid: string; octets: number }[] = [
  { name: 'RSASSA-PSS-SHA256', oid: '2.16.840.1.101.3.4.2.1', octets: 32 },
  { name: 'RSASSA-PSS-SHA384', oid: '2.16.840.1.101.3.4.2.2', octets: 48 },
  { name: 'RSASSA-PSS-SHA512', oid: '2.16.840.1.101.3.4.2.3', octets: 64 },
];

/** Reads a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7). A key of an unknown kind is read as `other`, which verifies nothing. */
export function readPublicKeyInfo(reader: DerReader): PublicKeyInfo {
  const raw = reader.element(tags.sequence);
  const info = DerReader.over(raw).enter(tags.sequence);
  const algorithm = info.enter(tags.sequence);
  const oid = readObjectIdentifier(algorithm);
  const plain = plainKeys.get(oid);
  const kind = plain?.type ?? parametersOf(oid, algorithm);
  const { offset } = info;
  const key = readBitStringBytes(info);
  info.finish();
  const wrong = (rule: string): never => {
    throw info.malformed(rule, offset);
  };
  if (plain !== undefined) {
    // Parameters must be absent (RFC 8410, 3; RFC 9881, 2).
    algorithm.finish();
    return key.length === plain.octets
      ? { raw, type: plain.type, oid, bits: 0, key }
      : wrong(`${plain.type} key of other than ${plain.octets} octets`);
  }
  const curve = curves.get(kind);
  if (curve !== undefined) {
    // Compressed points are optional in RFC 5480 (2.2) and not taken by node:tls.
    return key.length === curve.pointBytes && key[0] === 4
      ? { raw, type: curve.type, oid, bits: curve.bits, key }
      : wrong('point not uncompressed, or of a wrong length');
  }
  if (kind === 'RSA' || kind === 'RSA-PSS') return { raw, type: kind, oid, bits: readRsaBits(key), key };
  return { raw, type: kind === 'DSA' ? 'DSA' : 'other', oid, bits: 0, key };
}

/** The same from its own bytes, as a PEM block "PUBLIC KEY" holds them. */
export function parsePublicKeyInfo(der: Uint8Array): PublicKeyInfo {
  const reader = DerReader.over(der);
  const info = readPublicKeyInfo(reader);
  reader.finish();
  return info;
}

/** What the parameters make of the key: a curve's object identifier, or a type. */
function parametersOf(oid: string, algorithm: DerReader): string {
  switch (oid) {
    case oids.ecPublicKey: {
      // Curves by their parameters (RFC 5480, 2.1.1) and implicit ones are read, and known to nobody.
      if (algorithm.peek() !== tags.objectIdentifier) return skipRest(algorithm, 'other');
      const curve = readObjectIdentifier(algorithm);
      algorithm.finish();
      return curves.has(curve) ? curve : 'other';
    }
    case oids.rsaEncryption:
      // RFC 4055, 1.2.
      readNull(algorithm);
      algorithm.finish();
      return 'RSA';
    case oids.rsassaPss:
      return skipRest(algorithm, 'RSA-PSS');
    case oids.dsa:
      return skipRest(algorithm, 'DSA');
    default:
      return skipRest(algorithm, 'other');
  }
}

/** At most one element of parameters (RFC 5280, 4.1.1.2). */
function skipRest(algorithm: DerReader, kind: string): string {
  if (!algorithm.done) algorithm.element();
  algorithm.finish();
  return kind;
}

function readNull(reader: DerReader): void {
  const { offset } = reader;
  if (reader.contents(tags.null).length !== 0) throw reader.malformed('NULL with contents', offset);
}

/** RSAPublicKey (RFC 8017, A.1.1): the modulus odd and positive, the exponent odd and above 1. */
function readRsaBits(key: Uint8Array): number {
  const outer = DerReader.over(key);
  const fields = outer.enter(tags.sequence);
  outer.finish();
  const modulus = readPositive(fields, 'modulus');
  const exponent = readPositive(fields, 'exponent');
  fields.finish();
  if (exponent.length === 1 && exponent[0] === 1) throw fields.malformed('RSA exponent 1');
  return modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
}

function readPositive(fields: DerReader, name: string): Uint8Array {
  const { offset } = fields;
  const octets = readIntegerBytes(fields);
  if ((octets[0] ?? 0) >= 0x80 || ((octets.at(-1) ?? 0) & 1) === 0) {
    throw fields.malformed(`RSA ${name} that is negative or even`, offset);
  }
  return octets[0] === 0 ? octets.subarray(1) : octets;
}

/** Reads an AlgorithmIdentifier of a signature; one that is not known is answered by its identifier. */
export function readSignatureAlgorithm(reader: DerReader): SignatureAlgorithm | UnknownAlgorithm {
  const identifier = reader.enter(tags.sequence);
  const oid = readObjectIdentifier(identifier);
  const known = signatureOids.get(oid);
  if (known !== undefined) {
    if (known.parameters === 'null' && !identifier.done) readNull(identifier);
    // Else they must be absent (RFC 5758, 3.2; RFC 8410, 3; RFC 9881, 2).
    identifier.finish();
    return known.name;
  }
  if (oid === oids.rsassaPss) return readPss(identifier);
  skipRest(identifier, 'other');
  return `oid ${oid}`;
}

function readPss(identifier: DerReader): SignatureAlgorithm | UnknownAlgorithm {
  if (identifier.done) return `oid ${oids.rsassaPss}`;
  const parameters = identifier.element();
  identifier.finish();
  const known = pssHashes.find(
    ({ oid, octets }) =>
      equalBytes(parameters, pssParameters(oid, octets, true)) ||
      equalBytes(parameters, pssParameters(oid, octets, false)),
  );
  return known?.name ?? `oid ${oids.rsassaPss}`;
}

/** @param withNull whether the hashes' own parameters are NULL or absent; both are met (RFC 4055, 2.1) */
function pssParameters(hash: string, saltOctets: number, withNull: boolean): Uint8Array {
  const nothing = encodeElement(tags.null, new Uint8Array());
  const digest = encodeSequence(encodeOid(hash), ...(withNull ? [nothing] : []));
  return encodeSequence(
    encodeExplicit(0, digest),
    encodeExplicit(1, encodeSequence(encodeOid(oids.mgf1), digest)),
    encodeExplicit(2, encodeInteger(saltOctets)),
  );
}

/** AlgorithmIdentifier, DER. Not to be changed: the next caller gets the same octets. */
export function encodeSignatureAlgorithm(algorithm: SignatureAlgorithm): Uint8Array {
  const known = identifiers.get(algorithm);
  if (known !== undefined) return known;
  const identifier = encodeIdentifier(algorithm);
  identifiers.set(algorithm, identifier);
  return identifier;
}

/** Those that were asked for: each is written into every certificate, twice. */
const identifiers = new Map<SignatureAlgorithm, Uint8Array>();

function encodeIdentifier(algorithm: SignatureAlgorithm): Uint8Array {
  const pss = pssHashes.find(({ name }) => name === algorithm);
  if (pss !== undefined) return encodeSequence(encodeOid(oids.rsassaPss), pssParameters(pss.oid, pss.octets, true));
  for (const [oid, { name, parameters }] of signatureOids) {
    if (name !== algorithm) continue;
    const nothing = parameters === 'null' ? [encodeElement(tags.null, new Uint8Array())] : [];
    return encodeSequence(encodeOid(oid), ...nothing);
  }
  throw new TypeError(`${algorithm} is no signature algorithm`);
}

/** Octets of a signature that has one length (RFC 8032, 5.1.6; FIPS 204, table 2). */
const signatureOctets: ReadonlyMap<string, number> = new Map([
  ['Ed25519', 64],
  ['ML-DSA-44', 2420],
  ['ML-DSA-65', 3309],
  ['ML-DSA-87', 4627],
]);

/** Reads the signature BIT STRING; one of (EC)DSA must hold two positive INTEGERs in DER (RFC 5758, 3.2), which leaves no second form of it. */
export function readSignature(reader: DerReader, algorithm: SignatureAlgorithm | UnknownAlgorithm): Uint8Array {
  const { offset } = reader;
  const signature = readBitStringBytes(reader);
  const octets = signatureOctets.get(algorithm);
  if (octets !== undefined && signature.length !== octets) {
    throw reader.malformed(`${algorithm} signature of other than ${octets} octets`, offset);
  }
  if (algorithm.startsWith('ecdsa') || algorithm.startsWith('dsa')) requirePair(signature);
  return signature;
}

function requirePair(signature: Uint8Array): void {
  const outer = DerReader.over(signature);
  const pair = outer.enter(tags.sequence);
  for (const name of ['r', 's']) {
    if ((readIntegerBytes(pair)[0] ?? 0) >= 0x80) throw pair.malformed(`ECDSA signature with a negative ${name}`);
  }
  pair.finish();
  outer.finish();
}

const ownAlgorithms: Readonly<Record<KeyType, SoundSignatureAlgorithm>> = {
  'P-256': 'ecdsa-with-SHA256',
  'P-384': 'ecdsa-with-SHA384',
  'P-521': 'ecdsa-with-SHA512',
  Ed25519: 'Ed25519',
  RSA: 'sha256WithRSAEncryption',
  'ML-DSA-44': 'ML-DSA-44',
  'ML-DSA-65': 'ML-DSA-65',
  'ML-DSA-87': 'ML-DSA-87',
};

/** The one algorithm with which our own keys of this type sign. */
export function ownSignatureAlgorithm(keyType: KeyType): SoundSignatureAlgorithm {
  return ownAlgorithms[keyType];
}

const elliptic: readonly PublicKeyType[] = ['P-256', 'P-384', 'P-521'];

/** Whether a key of this type can have made a signature of this algorithm. */
export function algorithmFits(algorithm: SignatureAlgorithm | UnknownAlgorithm, keyType: PublicKeyType): boolean {
  if (algorithm.startsWith('ecdsa-')) return elliptic.includes(keyType);
  if (algorithm.endsWith('WithRSAEncryption')) return keyType === 'RSA';
  if (algorithm.startsWith('RSASSA-')) return keyType === 'RSA' || keyType === 'RSA-PSS';
  if (algorithm.startsWith('dsa-')) return keyType === 'DSA';
  return algorithm === keyType;
}

const outdated: readonly string[] = ['sha1WithRSAEncryption', 'ecdsa-with-SHA1', 'dsa-with-SHA1', 'dsa-with-SHA256'];

export function isOutdated(algorithm: SignatureAlgorithm): algorithm is OutdatedSignatureAlgorithm {
  return outdated.includes(algorithm);
}

export function isKnownAlgorithm(algorithm: SignatureAlgorithm | UnknownAlgorithm): algorithm is SignatureAlgorithm {
  return !algorithm.startsWith('oid ');
}

const makeable: readonly string[] = Object.keys(ownAlgorithms);

/** Whether keys of this type can be made here. */
export function isKeyType(type: PublicKeyType): type is KeyType {
  return makeable.includes(type);
}
