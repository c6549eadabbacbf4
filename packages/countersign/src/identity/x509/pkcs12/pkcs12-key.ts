/** PKCS#12's own key derivation (RFC 7292, B.2): for the classic MAC, and for reading its old encryption. */
import { concatBytes } from '../../../ground/encoding/index.ts';
import { hashBytes, type KeyDeriver } from '../pkcs8/key-deriver.ts';
import { bmpPassword } from '../pkcs8/password.ts';
import type { HashName } from '../pkcs8/password-cryptography.ts';

/** What the derived octets are for (RFC 7292, B.3). */
export const purposes = { key: 1, iv: 2, mac: 3 } as const;

/** Octets that the hash takes at a time (RFC 7292, B.2: v). */
const blockBytes: Readonly<Record<HashName, number>> = { 'SHA-1': 64, 'SHA-256': 64, 'SHA-384': 128, 'SHA-512': 128 };

/** One hash of `hashRepeatedly`, in iterations of PBKDF2-HMAC-SHA256 (see KeyDeriver); measured: 0.3 µs, and 0.5 of the long ones. */
const hashWork: Readonly<Record<HashName, number>> = { 'SHA-1': 2.5, 'SHA-256': 2.5, 'SHA-384': 4, 'SHA-512': 4 };

export interface Pkcs12Derivation {
  readonly hash: HashName;
  readonly purpose: (typeof purposes)[keyof typeof purposes];
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly keyBytes: number;
}

export function derivePkcs12Key(deriver: KeyDeriver, derivation: Pkcs12Derivation): Uint8Array {
  const { hash, purpose, salt, iterations, keyBytes } = derivation;
  const blocks = Math.ceil(keyBytes / hashBytes[hash]);
  deriver.spend(blocks * iterations * hashWork[hash]);
  const size = blockBytes[hash];
  const diversifier = new Uint8Array(size).fill(purpose);
  const input = concatBytes([repeated(salt, size), repeated(deriver.password(bmpPassword), size)]);
  const parts: Uint8Array[] = [];
  for (let block = 0; block < blocks; block++) {
    const digest = deriver.cryptography.hashRepeatedly(hash, concatBytes([diversifier, input]), iterations);
    parts.push(digest);
    if (block + 1 < blocks) addToEachBlock(input, repeated(digest, size).subarray(0, size), size);
  }
  return concatBytes(parts).slice(0, keyBytes);
}

/** As often as fills whole blocks (RFC 7292, B.2, steps 2 and 3). */
function repeated(bytes: Uint8Array, size: number): Uint8Array {
  const filled = new Uint8Array(Math.ceil(bytes.length / size) * size);
  for (let at = 0; at < filled.length; at += bytes.length) {
    filled.set(bytes.subarray(0, Math.min(bytes.length, filled.length - at)), at);
  }
  return filled;
}

/** Each block of `input` plus `addend` plus one, as big-endian numbers that overflow (step 6C). */
function addToEachBlock(input: Uint8Array, addend: Uint8Array, size: number): void {
  for (let start = 0; start < input.length; start += size) {
    let carry = 1;
    for (let at = size - 1; at >= 0; at--) {
      const sum = (input[start + at] ?? 0) + (addend[at] ?? 0) + carry;
      input[start + at] = sum & 0xff;
      carry = sum >> 8;
    }
  }
}
