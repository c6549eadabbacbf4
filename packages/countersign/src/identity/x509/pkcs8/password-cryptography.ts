/** The cryptography that passwords need, handed in: this room does none of its own. */

export type HashName = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';

/** RC2-CBC with as many effective bits as its key has (RFC 2268), and two-key triple DES as DES-EDE3-CBC with a key of 16 octets. */
export type PasswordCipher = 'AES-128-CBC' | 'AES-192-CBC' | 'AES-256-CBC' | 'DES-EDE3-CBC' | 'RC2-CBC';

export interface ScryptCosts {
  /** N: a power of two. */
  readonly cost: number;
  /** r. */
  readonly blockSize: number;
  /** p. */
  readonly parallelization: number;
}

export interface PasswordCryptography {
  /** The hash of `bytes`, the hash of that, and so on: `rounds` in all, at least one (RFC 7292, B.2). */
  hashRepeatedly(hash: HashName, bytes: Uint8Array, rounds: number): Uint8Array;
  hmac(hash: HashName, key: Uint8Array, bytes: Uint8Array): Uint8Array;
  /** RFC 8018, 5.2. */
  pbkdf2(hash: HashName, password: Uint8Array, salt: Uint8Array, iterations: number, keyBytes: number): Uint8Array;
  /** RFC 7914; the caller has bounded the costs. */
  scrypt(password: Uint8Array, salt: Uint8Array, costs: ScryptCosts, keyBytes: number): Uint8Array;
  /** With padding (RFC 8018, 6.1.1). */
  encrypt(cipher: 'AES-256-CBC', key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** Without the padding, or `undefined` where there is no whole block or no padding. */
  decrypt(cipher: PasswordCipher, key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined;
  randomBytes(count: number): Uint8Array;
  constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean;
}
