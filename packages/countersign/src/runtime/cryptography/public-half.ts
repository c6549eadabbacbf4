/** The public half of a private key of any kind, also of those that do not sign here: for showing, never for use. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { DerReader, tags } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import {
  decryptPrivateKey,
  encodePrivateKeyInfo,
  type PrivateKeyInfo,
  type PublicKeyInfo,
  parsePublicKeyInfo,
} from '../../identity/x509/index.ts';
import { passwordCryptography } from './password-cryptography.ts';

/** PKCS#8 (RFC 5958, 2), SEC1 (RFC 5915), PKCS#1 (RFC 8017, A.1.2), and PKCS#8 under a passphrase (RFC 5958, 3). */
export type PrivateKeyForm = 'pkcs8' | 'sec1' | 'pkcs1' | 'encrypted';

export interface PublicHalf {
  readonly publicKey: PublicKeyInfo;
  /** What a person should know of how the key was kept. */
  readonly weak: readonly string[];
}

/** @throws CS-PEM-001 where it does not decode; CS-PKCS-001 and others of passphrases */
export function publicHalfOf(der: Uint8Array, form: PrivateKeyForm, passphrase?: string): PublicHalf {
  if (form === 'encrypted') {
    if (passphrase === undefined) throw new Refusal('CS-PKCS-002', { object: 'private key' });
    const { key, weak } = decryptPrivateKey(der, passphrase, passwordCryptography);
    return { publicKey: publicHalfOfInfo(key), weak };
  }
  const outer = DerReader.over(der);
  outer.element(tags.sequence);
  // OpenSSL passes over what follows the key.
  outer.finish();
  return { publicKey: derived(der, form), weak: [] };
}

export function publicHalfOfInfo(key: PrivateKeyInfo): PublicKeyInfo {
  return derived(encodePrivateKeyInfo(key), 'pkcs8');
}

function derived(der: Uint8Array, type: 'pkcs8' | 'sec1' | 'pkcs1'): PublicKeyInfo {
  let half: KeyObject;
  try {
    half = createPublicKey(createPrivateKey({ key: Buffer.from(der), format: 'der', type }));
  } catch {
    // Without the cause: what OpenSSL says of a key is for no log.
    throw new Refusal('CS-PEM-001', { line: 1, rule: 'the private key does not decode' });
  }
  return parsePublicKeyInfo(new Uint8Array(half.export({ type: 'spki', format: 'der' })));
}
