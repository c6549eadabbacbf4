/** The parameters of PBKDF2 (RFC 8018, A.2) and scrypt (RFC 7914, 7), read and written. */
import {
  type DerReader,
  encodeInteger,
  encodeOctetString,
  encodeSequence,
  readSmallInteger,
  tags,
} from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import {
  type AlgorithmIdentifier,
  encodeAlgorithmIdentifier,
  nullParameters,
  parametersReader,
  readAlgorithmIdentifier,
  requireNoParameters,
} from './algorithm-identifier.ts';
import type { KeyDerivation } from './key-deriver.ts';
import type { HashName } from './password-cryptography.ts';

export const pbkdf2Oid = '1.2.840.113549.1.5.12';
const scryptOid = '1.3.6.1.4.1.11591.4.11';

const hmacOids: ReadonlyMap<string, HashName> = new Map([
  ['1.2.840.113549.2.7', 'SHA-1'],
  ['1.2.840.113549.2.9', 'SHA-256'],
  ['1.2.840.113549.2.10', 'SHA-384'],
  ['1.2.840.113549.2.11', 'SHA-512'],
]);

export interface ReadDerivation {
  readonly derivation: KeyDerivation;
  /** Octets of the key, where the parameters say them. */
  readonly keyBytes?: number;
}

export function readKeyDerivation(identifier: AlgorithmIdentifier): ReadDerivation {
  if (identifier.oid === pbkdf2Oid) return readPbkdf2(parametersReader(identifier));
  if (identifier.oid === scryptOid) return readScrypt(parametersReader(identifier));
  throw new Refusal('CS-PKCS-003', { algorithm: `key derivation ${identifier.oid}` });
}

function readPbkdf2(fields: DerReader): ReadDerivation {
  if (fields.peek() === tags.sequence)
    throw new Refusal('CS-PKCS-003', { algorithm: 'PBKDF2 with a salt from elsewhere (RFC 8018, A.2: otherSource)' });
  const salt = fields.contents(tags.octetString);
  const iterations = atLeastOne(readSmallInteger(fields), 'iterationCount below 1 (RFC 8018, A.2)');
  const keyBytes = readKeyBytes(fields);
  // SHA-1 is the default, which DER does not write; Java does.
  const hash = fields.done ? 'SHA-1' : readHmac(readAlgorithmIdentifier(fields));
  fields.finish();
  return { derivation: { kdf: 'PBKDF2', hash, salt, iterations }, ...keyBytes };
}

function readScrypt(fields: DerReader): ReadDerivation {
  const salt = fields.contents(tags.octetString);
  const cost = readSmallInteger(fields);
  const blockSize = atLeastOne(readSmallInteger(fields), 'blockSize below 1 (RFC 7914, 7.1)');
  const parallelization = atLeastOne(readSmallInteger(fields), 'parallelizationParameter below 1 (RFC 7914, 7.1)');
  const keyBytes = readKeyBytes(fields);
  fields.finish();
  // N is below 2^(16 * r), which only a block size of 1 can break (RFC 7914, 6).
  if (cost < 2 || (cost & (cost - 1)) !== 0 || (blockSize === 1 && cost >= 2 ** 16)) {
    throw broken('costParameter that is no power of two, or out of range (RFC 7914, 6)');
  }
  if (blockSize * parallelization >= 2 ** 30) throw broken('parallelizationParameter out of range (RFC 7914, 6)');
  return { derivation: { kdf: 'scrypt', salt, cost, blockSize, parallelization }, ...keyBytes };
}

function readKeyBytes(fields: DerReader): { keyBytes?: number } {
  return fields.peek() === tags.integer ? { keyBytes: readSmallInteger(fields) } : {};
}

/** The hash of an HMAC's identifier (RFC 8018, B.1). */
export function readHmac(identifier: AlgorithmIdentifier): HashName {
  const hash = hmacOids.get(identifier.oid);
  if (hash === undefined) throw new Refusal('CS-PKCS-003', { algorithm: `pseudorandom function ${identifier.oid}` });
  requireNoParameters(identifier);
  return hash;
}

export function encodeHmac(hash: HashName): Uint8Array {
  for (const [oid, name] of hmacOids)
    if (name === hash) return encodeAlgorithmIdentifier({ oid, parameters: nullParameters });
  throw new TypeError(`${hash} is no hash`);
}

/** @param keyBytes written into PBKDF2's parameters where they must name it (RFC 9579, 4) */
export function encodeKeyDerivation(derivation: KeyDerivation, keyBytes?: number): Uint8Array {
  const salt = encodeOctetString(derivation.salt);
  const length = keyBytes === undefined ? new Uint8Array() : encodeInteger(keyBytes);
  if (derivation.kdf === 'PBKDF2') {
    const prf = derivation.hash === 'SHA-1' ? new Uint8Array() : encodeHmac(derivation.hash);
    const parameters = encodeSequence(salt, encodeInteger(derivation.iterations), length, prf);
    return encodeAlgorithmIdentifier({ oid: pbkdf2Oid, parameters });
  }
  const costs = [derivation.cost, derivation.blockSize, derivation.parallelization].map(encodeInteger);
  return encodeAlgorithmIdentifier({ oid: scryptOid, parameters: encodeSequence(salt, ...costs, length) });
}

function atLeastOne(value: number, rule: string): number {
  if (value < 1) throw broken(rule);
  return value;
}

function broken(rule: string): Refusal {
  return new Refusal('CS-PKCS-006', { rule });
}
