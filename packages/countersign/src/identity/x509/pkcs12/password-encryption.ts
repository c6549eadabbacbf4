/** Whatever a password encrypts in PKCS#12: PBES2, and the old schemes (RFC 7292, C), which are read, called weak and never written. */
import { readSmallInteger, tags } from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { type AlgorithmIdentifier, parametersReader } from '../pkcs8/algorithm-identifier.ts';
import type { KeyDeriver } from '../pkcs8/key-deriver.ts';
import type { PasswordCipher } from '../pkcs8/password-cryptography.ts';
import { exportAgain, oldCipherWork, type Opened, openPbes2, pbes2Oid } from '../pkcs8/pbes2.ts';
import { derivePkcs12Key, purposes } from './pkcs12-key.ts';

interface OldScheme {
  readonly cipher: PasswordCipher;
  readonly keyBytes: number;
  readonly weak: string;
}

const withdrawn = 'which is withdrawn';
const anybody = 'which anybody can break';

const oldSchemes: ReadonlyMap<string, OldScheme> = new Map([
  ['1.2.840.113549.1.12.1.3', old('DES-EDE3-CBC', 24, `triple DES with three keys, ${withdrawn}`)],
  ['1.2.840.113549.1.12.1.4', old('DES-EDE3-CBC', 16, `triple DES with two keys, ${withdrawn}`)],
  ['1.2.840.113549.1.12.1.5', old('RC2-CBC', 16, `RC2 of 128 bits, ${withdrawn}`)],
  ['1.2.840.113549.1.12.1.6', old('RC2-CBC', 5, `RC2 of 40 bits, ${anybody}`)],
]);

function old(cipher: PasswordCipher, keyBytes: number, what: string): OldScheme {
  return { cipher, keyBytes, weak: `encrypted with ${what}: ${exportAgain}` };
}

/** Both ciphers have blocks of 8 octets. */
const ivBytes = 8;

export function openWithPassword(deriver: KeyDeriver, identifier: AlgorithmIdentifier, ciphertext: Uint8Array): Opened {
  if (identifier.oid === pbes2Oid) return openPbes2(deriver, identifier, ciphertext);
  const scheme = oldSchemes.get(identifier.oid);
  if (scheme === undefined) throw new Refusal('CS-PKCS-003', { algorithm: `encryption ${identifier.oid}` });
  const { cipher, keyBytes, weak } = scheme;
  const fields = parametersReader(identifier);
  const salt = fields.contents(tags.octetString);
  const iterations = readIterations(readSmallInteger(fields));
  fields.finish();
  deriver.spend(ciphertext.length * oldCipherWork);
  const shared = { hash: 'SHA-1', salt, iterations } as const;
  const key = derivePkcs12Key(deriver, { ...shared, purpose: purposes.key, keyBytes });
  const iv = derivePkcs12Key(deriver, { ...shared, purpose: purposes.iv, keyBytes: ivBytes });
  return { plaintext: deriver.cryptography.decrypt(cipher, key, iv, ciphertext), weak };
}

export function readIterations(iterations: number): number {
  if (iterations < 1) throw new Refusal('CS-PKCS-006', { rule: 'iterations below 1 (RFC 7292, C)' });
  return iterations;
}
