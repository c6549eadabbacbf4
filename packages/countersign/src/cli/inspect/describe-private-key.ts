/** A private key as data: its kind and its public half, and nothing from which the key could be had. */
import type { PemBlock } from '../../ground/encoding/index.ts';
import { isKeyType, type PublicKeyInfo } from '../../identity/x509/index.ts';
import { publicHalfOf, type PrivateKeyForm } from '../../runtime/cryptography/index.ts';
import { describeKey } from './describe-key.ts';
import type { PrivateKeyData } from './described.ts';

const forms: ReadonlyMap<string, PrivateKeyForm> = new Map([
  ['PRIVATE KEY', 'pkcs8'],
  ['EC PRIVATE KEY', 'sec1'],
  ['RSA PRIVATE KEY', 'pkcs1'],
  ['ENCRYPTED PRIVATE KEY', 'encrypted'],
]);

export function isPrivateKey(label: string): boolean {
  return forms.has(label);
}

/** @param passphrase of an encrypted one; `undefined`: only that it is encrypted is said */
export function describePrivateKey({ label, bytes }: PemBlock, passphrase: string | undefined): PrivateKeyData {
  const form = forms.get(label) ?? 'pkcs8';
  if (form === 'encrypted' && passphrase === undefined)
    return { kind: 'private-key', type: 'encrypted', usable: false };
  const { publicKey, weak } = publicHalfOf(bytes, form, passphrase);
  return { ...describeHalf(publicKey), ...(form === 'encrypted' ? { weak } : {}) };
}

export function describeHalf(publicKey: PublicKeyInfo): PrivateKeyData {
  const { type, bits } = publicKey;
  const usable = isKeyType(type) && (type !== 'RSA' || bits >= leastRsaBits);
  return { kind: 'private-key', type, usable, publicKey: describeKey(publicKey) };
}

/** NIST SP 800-131A; as the key itself is refused when it is to sign. */
const leastRsaBits = 2048;
