/** EncryptedPrivateKeyInfo (RFC 5958, 3): a private key under a passphrase, opened and made. */
import { DerReader, encodeOctetString, encodeSequence, tags } from '../../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from './algorithm-identifier.ts';
import { KeyDeriver, type PasswordLimits } from './key-deriver.ts';
import type { PasswordCryptography } from './password-cryptography.ts';
import { type Opened, newDerivation, openPbes2, pbes2Oid, sealPbes2, type Stretching } from './pbes2.ts';
import { encodePrivateKeyInfo, parsePrivateKeyInfo, type PrivateKeyInfo } from './private-key-info.ts';

export interface DecryptedPrivateKey {
  readonly key: PrivateKeyInfo;
  /** What a person should know of how the key was kept; empty when there is nothing to say. */
  readonly weak: readonly string[];
}

/** Opens an EncryptedPrivateKeyInfo under PBES2; triple DES is read, and called weak. */
export function decryptPrivateKey(
  der: Uint8Array,
  passphrase: string,
  cryptography: PasswordCryptography,
  limits?: PasswordLimits,
): DecryptedPrivateKey {
  return openPrivateKey(der, new KeyDeriver(passphrase, cryptography, limits), openWithPbes2);
}

function openWithPbes2(deriver: KeyDeriver, identifier: AlgorithmIdentifier, ciphertext: Uint8Array): Opened {
  if (identifier.oid !== pbes2Oid) throw new Refusal('CS-PKCS-003', { algorithm: `encryption ${identifier.oid}` });
  return openPbes2(deriver, identifier, ciphertext);
}

/** @param open what reads the algorithm: PKCS#12 has older ones than PKCS#8 */
export function openPrivateKey(der: Uint8Array, deriver: KeyDeriver, open: typeof openWithPbes2): DecryptedPrivateKey {
  const outer = DerReader.over(der);
  const fields = outer.enter(tags.sequence);
  outer.finish();
  const identifier = readAlgorithmIdentifier(fields);
  const ciphertext = fields.contents(tags.octetString);
  fields.finish();
  const { plaintext, weak } = open(deriver, identifier, ciphertext);
  return { key: parsed(plaintext), weak: weak === undefined ? [] : [weak] };
}

/** Nothing tells a wrong passphrase from damage, and what came out is for no message: all failures are one. */
function parsed(plaintext: Uint8Array | undefined): PrivateKeyInfo {
  try {
    if (plaintext !== undefined) return parsePrivateKeyInfo(plaintext);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  throw new Refusal('CS-PKCS-001', { object: 'private key' });
}

/** An EncryptedPrivateKeyInfo, DER, under PBES2 with AES-256-CBC; by default PBKDF2-HMAC-SHA256 with 600,000 iterations. */
export function encryptPrivateKey(
  key: PrivateKeyInfo,
  passphrase: string,
  cryptography: PasswordCryptography,
  stretching: Stretching = { kdf: 'PBKDF2' },
): Uint8Array {
  if (passphrase === '') throw new TypeError('an empty passphrase protects nothing');
  // Who writes chooses the costs himself: the limits are for what others wrote.
  const deriver = new KeyDeriver(passphrase, cryptography, { mostWork: Infinity, mostScryptBytes: Infinity });
  const { identifier, ciphertext } = sealPbes2(
    deriver,
    newDerivation(stretching, cryptography),
    encodePrivateKeyInfo(key),
  );
  return encodeSequence(identifier, encodeOctetString(ciphertext));
}
