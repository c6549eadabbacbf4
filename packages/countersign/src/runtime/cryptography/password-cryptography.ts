/** What passwords need of cryptography, by node:crypto; RC2 alone is our own. */
import { createCipheriv, createDecipheriv, createHmac, hash as hashOnce, pbkdf2Sync, scryptSync } from 'node:crypto';
import type { HashName, PasswordCipher, PasswordCryptography } from '../../identity/x509/index.ts';
import { constantTimeEqual, randomBytes } from './hashes.ts';
import { decryptRc2Cbc, rc2BlockBytes } from './rc2.ts';

const hashNames: Readonly<Record<HashName, string>> = {
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

const cipherNames: Readonly<Record<Exclude<PasswordCipher, 'RC2-CBC'>, string>> = {
  'AES-128-CBC': 'aes-128-cbc',
  'AES-192-CBC': 'aes-192-cbc',
  'AES-256-CBC': 'aes-256-cbc',
  'DES-EDE3-CBC': 'des-ede3-cbc',
};

export const passwordCryptography: PasswordCryptography = {
  hashRepeatedly: (hash, bytes, rounds) => {
    const name = hashNames[hash];
    const digest = hashOnce(name, bytes, 'buffer');
    // Through a string of one character an octet: three times as fast as with a buffer for each round.
    for (let round = 1; round < rounds; round++) digest.write(hashOnce(name, digest, 'binary'), 'binary');
    return new Uint8Array(digest);
  },
  hmac: (hash, key, bytes) => new Uint8Array(createHmac(hashNames[hash], key).update(bytes).digest()),
  pbkdf2: (hash, password, salt, iterations, keyBytes) =>
    new Uint8Array(pbkdf2Sync(password, salt, iterations, keyBytes, hashNames[hash])),
  scrypt: (password, salt, { cost: N, blockSize: r, parallelization: p }, keyBytes) => {
    // OpenSSL counts a little more than the 128 * N * r that the caller has bounded.
    const maxmem = 128 * r * (N + p + 2) + 4096;
    return new Uint8Array(scryptSync(password, salt, keyBytes, { N, r, p, maxmem }));
  },
  encrypt: (cipher, key, iv, plaintext) => {
    const encryption = createCipheriv(cipherNames[cipher], key, iv);
    return new Uint8Array(Buffer.concat([encryption.update(plaintext), encryption.final()]));
  },
  decrypt: (cipher, key, iv, ciphertext) => {
    if (cipher === 'RC2-CBC') return decryptRc2(key, iv, ciphertext);
    // Two keys are three of which the last is the first again.
    const whole = cipher === 'DES-EDE3-CBC' && key.length === 16 ? Buffer.concat([key, key.subarray(0, 8)]) : key;
    const decryption = createDecipheriv(cipherNames[cipher], whole, iv);
    try {
      return new Uint8Array(Buffer.concat([decryption.update(ciphertext), decryption.final()]));
    } catch {
      // Wrong padding: without the cause, which says nothing more.
      return undefined;
    }
  },
  randomBytes,
  constantTimeEqual,
};

function decryptRc2(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined {
  if (ciphertext.length === 0 || ciphertext.length % rc2BlockBytes !== 0) return undefined;
  const padded = decryptRc2Cbc(key, iv, ciphertext);
  const padding = padded.at(-1) ?? 0;
  if (padding < 1 || padding > rc2BlockBytes) return undefined;
  const end = padded.length - padding;
  return padded.subarray(end).every((octet) => octet === padding) ? padded.subarray(0, end) : undefined;
}
