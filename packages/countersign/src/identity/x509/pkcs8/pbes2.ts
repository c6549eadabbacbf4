/** PBES2 (RFC 8018, 6.2): what a password encrypts, with AES-256 in writing and whatever others wrote in reading. */
import { DerReader, encodeOctetString, encodeSequence, tags } from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import {
  type AlgorithmIdentifier,
  encodeAlgorithmIdentifier,
  parametersReader,
  readAlgorithmIdentifier,
} from './algorithm-identifier.ts';
import { encodeKeyDerivation, readKeyDerivation } from './key-derivation.ts';
import type { KeyDerivation, KeyDeriver } from './key-deriver.ts';
import type { PasswordCipher, PasswordCryptography, ScryptCosts } from './password-cryptography.ts';

export const pbes2Oid = '1.2.840.113549.1.5.13';

interface Cipher {
  readonly cipher: PasswordCipher;
  readonly keyBytes: number;
  readonly ivBytes: number;
}

const aes256Oid = '2.16.840.1.101.3.4.1.42';

const ciphers: ReadonlyMap<string, Cipher> = new Map([
  ['2.16.840.1.101.3.4.1.2', { cipher: 'AES-128-CBC', keyBytes: 16, ivBytes: 16 }],
  ['2.16.840.1.101.3.4.1.22', { cipher: 'AES-192-CBC', keyBytes: 24, ivBytes: 16 }],
  [aes256Oid, { cipher: 'AES-256-CBC', keyBytes: 32, ivBytes: 16 }],
  ['1.2.840.113549.3.7', { cipher: 'DES-EDE3-CBC', keyBytes: 24, ivBytes: 8 }],
]);

/** What came out, `undefined` where the password is wrong or the octets damaged, and what is weak about how it was kept. */
export interface Opened {
  readonly plaintext: Uint8Array | undefined;
  /** A sentence for a person. */
  readonly weak?: string;
}

export const exportAgain: string =
  'export it again with AES (openssl pkcs12 -export, openssl pkcs8 -topk8 -v2 aes-256-cbc)';

/** An octet of triple DES, or of RC2, which runs in JavaScript, in iterations of PBKDF2-HMAC-SHA256 (see KeyDeriver): about 100 ns. */
export const oldCipherWork = 0.75;

/** Fewer are less than the least of RFC 8018 (4.2). */
const fewestIterations = 1000;

export function weakIterations(iterations: number): string | undefined {
  if (iterations >= fewestIterations) return undefined;
  return `the passphrase is stretched too little (iterations: ${String(iterations)}), so guessing it is cheap: ${exportAgain}`;
}

/** @param identifier whose OID is `pbes2Oid` */
export function openPbes2(deriver: KeyDeriver, identifier: AlgorithmIdentifier, ciphertext: Uint8Array): Opened {
  const fields = parametersReader(identifier);
  const { derivation, keyBytes } = readKeyDerivation(readAlgorithmIdentifier(fields));
  const scheme = readAlgorithmIdentifier(fields);
  fields.finish();
  const known = ciphers.get(scheme.oid);
  if (known === undefined) throw new Refusal('CS-PKCS-003', { algorithm: `PBES2 with cipher ${scheme.oid}` });
  if (keyBytes !== undefined && keyBytes !== known.keyBytes)
    throw new Refusal('CS-PKCS-006', { rule: "keyLength other than the cipher's (RFC 8018, 6.2.2)" });
  const iv = readIv(scheme, known.ivBytes);
  if (known.cipher === 'DES-EDE3-CBC') deriver.spend(ciphertext.length * oldCipherWork);
  const key = deriver.derive(derivation, known.keyBytes);
  const plaintext = deriver.cryptography.decrypt(known.cipher, key, iv, ciphertext);
  const weak =
    known.cipher === 'DES-EDE3-CBC'
      ? `encrypted with triple DES, which is withdrawn: ${exportAgain}`
      : derivation.kdf === 'PBKDF2'
        ? weakIterations(derivation.iterations)
        : undefined;
  return { plaintext, ...(weak === undefined ? {} : { weak }) };
}

function readIv({ parameters }: AlgorithmIdentifier, ivBytes: number): Uint8Array {
  const reader = DerReader.over(parameters ?? new Uint8Array());
  const iv = reader.contents(tags.octetString);
  reader.finish();
  if (iv.length !== ivBytes) throw new Refusal('CS-PKCS-006', { rule: 'IV of a wrong length (RFC 8018, B.2)' });
  return iv;
}

/** How a passphrase is made costly to guess. */
export type Stretching =
  | {
      readonly kdf: 'PBKDF2';
      /** With HMAC-SHA256; default 600,000 (OWASP, 2023). .NET's loader stops at 300,000. */
      readonly iterations?: number;
    }
  /** Default N = 2^14, r = 8, p = 5: OWASP's, of those that OpenSSL has the memory for. */
  | ({ readonly kdf: 'scrypt' } & Partial<ScryptCosts>);

export const defaultIterations = 600_000;

/** RFC 8018 asks for at least 8 octets (4.1); NIST SP 800-132 for 16. */
const saltBytes = 16;

/** With a fresh salt. */
export function newDerivation(stretching: Stretching, cryptography: PasswordCryptography): KeyDerivation {
  const salt = cryptography.randomBytes(saltBytes);
  if (stretching.kdf === 'PBKDF2') {
    const { iterations = defaultIterations } = stretching;
    // Fewer protect nothing; more than the file's INTEGER is read to would never be opened again.
    if (!Number.isSafeInteger(iterations) || iterations < fewestIterations || iterations >= 2 ** 31)
      throw new TypeError('iterations are a whole number from 1000 to 2^31 - 1');
    return { kdf: 'PBKDF2', hash: 'SHA-256', salt, iterations };
  }
  const { cost = 2 ** 14, blockSize = 8, parallelization = 5 } = stretching;
  for (const value of [cost, blockSize, parallelization]) {
    if (!Number.isSafeInteger(value) || value < 1 || value >= 2 ** 31)
      throw new TypeError('the costs of scrypt are whole numbers from 1');
  }
  if (cost < 2 ** 10 || (cost & (cost - 1)) !== 0)
    throw new TypeError('the cost of scrypt is a power of two, at least 1024');
  return { kdf: 'scrypt', salt, cost, blockSize, parallelization };
}

/** AES-256-CBC with a fresh IV: the identifier, DER, and the ciphertext. */
export function sealPbes2(
  deriver: KeyDeriver,
  derivation: KeyDerivation,
  plaintext: Uint8Array,
): { identifier: Uint8Array; ciphertext: Uint8Array } {
  const { cryptography } = deriver;
  const iv = cryptography.randomBytes(16);
  const scheme = encodeAlgorithmIdentifier({ oid: aes256Oid, parameters: encodeOctetString(iv) });
  const parameters = encodeSequence(encodeKeyDerivation(derivation), scheme);
  return {
    identifier: encodeAlgorithmIdentifier({ oid: pbes2Oid, parameters }),
    ciphertext: cryptography.encrypt('AES-256-CBC', deriver.derive(derivation, 32), iv, plaintext),
  };
}
