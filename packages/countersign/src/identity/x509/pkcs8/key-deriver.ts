/** What one password may cost, and the keys derived from it: the file names its own costs, so they are counted before they are paid. */
import { equalBytes } from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import type { HashName, PasswordCryptography, ScryptCosts } from './password-cryptography.ts';
import { type Password, utf8Password } from './password.ts';

export interface PasswordLimits {
  /**
   * Work that all derivations of one reading may take together, in iterations of PBKDF2-HMAC-SHA256; other functions count as so
   * many of them as they take time. Default 1,800,000.
   */
  readonly mostWork?: number;
  /** Memory that scrypt may take, in bytes; default 64 MiB. */
  readonly mostScryptBytes?: number;
}

/**
 * Three derivations of the 600,000 iterations that we write ourselves: 240 ms where SHA-256 has its own instructions (0.13 µs an
 * iteration), about three times that where it has none. OpenSSL's default is 2048, Java's 10,000.
 */
const defaultMostWork = 1_800_000;

/** What N = 2^16 with r = 8 takes; OpenSSL itself stops at 32 MiB. */
const defaultMostScryptBytes = 64 * 1024 * 1024;

/**
 * For a file that whoever waits for it chose himself: near 1.3 seconds and 256 MiB at the most. Firefox's and NSS's exports take
 * 2,700,000, 9,000,000 in their old form; scrypt with N = 2^17 takes 2,600,000.
 */
export const ownFileLimits: Required<PasswordLimits> = { mostWork: 10_000_000, mostScryptBytes: 256 * 1024 * 1024 };

/** Of one iteration, as multiples of SHA-256's; measured. */
const pbkdf2Work: Readonly<Record<HashName, number>> = { 'SHA-1': 2, 'SHA-256': 1, 'SHA-384': 3, 'SHA-512': 3 };

/** Of one unit of N * r * p, measured: 128 octets mixed twice. */
const scryptWork = 2.5;

/** Of each derivation besides its iterations, so that thousands of small ones are counted too; measured at 30 to 60 µs. */
const callWork = 500;

export const hashBytes: Readonly<Record<HashName, number>> = {
  'SHA-1': 20,
  'SHA-256': 32,
  'SHA-384': 48,
  'SHA-512': 64,
};

export type KeyDerivation =
  | { readonly kdf: 'PBKDF2'; readonly hash: HashName; readonly salt: Uint8Array; readonly iterations: number }
  | ({ readonly kdf: 'scrypt'; readonly salt: Uint8Array } & ScryptCosts);

export class KeyDeriver {
  readonly cryptography: PasswordCryptography;
  readonly #password: Password;
  readonly #mostWork: number;
  readonly #mostScryptBytes: number;
  #work = 0;
  /** One derivation serves all that is encrypted with the same salt. */
  #last: { readonly derivation: KeyDerivation; readonly key: Uint8Array } | undefined;

  constructor(password: Password, cryptography: PasswordCryptography, limits: PasswordLimits = {}) {
    this.#password = password;
    this.cryptography = cryptography;
    this.#mostWork = limits.mostWork ?? defaultMostWork;
    this.#mostScryptBytes = limits.mostScryptBytes ?? defaultMostScryptBytes;
  }

  /** The octets that `encoding` makes of the password, for a derivation of its own. */
  password(encoding: (password: Password) => Uint8Array): Uint8Array {
    return encoding(this.#password);
  }

  /** Counts work before it is done. */
  spend(work: number): void {
    this.#work += work + callWork;
    if (this.#work > this.#mostWork) throw this.#beyond('mostWork', Math.ceil(this.#work), this.#mostWork);
  }

  derive(derivation: KeyDerivation, keyBytes: number): Uint8Array {
    if (this.#last?.key.length === keyBytes && sameDerivation(this.#last.derivation, derivation)) return this.#last.key;
    const password = utf8Password(this.#password);
    const { salt } = derivation;
    let key: Uint8Array;
    if (derivation.kdf === 'PBKDF2') {
      const { hash, iterations } = derivation;
      this.spend(iterations * pbkdf2Work[hash] * Math.ceil(keyBytes / hashBytes[hash]));
      key = this.cryptography.pbkdf2(hash, password, salt, iterations, keyBytes);
    } else {
      const { cost, blockSize, parallelization } = derivation;
      const bytes = 128 * blockSize * Math.max(cost, parallelization);
      if (bytes > this.#mostScryptBytes) throw this.#beyond('mostScryptBytes', bytes, this.#mostScryptBytes);
      this.spend(cost * blockSize * parallelization * scryptWork);
      key = this.cryptography.scrypt(password, salt, derivation, keyBytes);
    }
    this.#last = { derivation, key };
    return key;
  }

  #beyond(limit: keyof PasswordLimits, asked: number, maximum: number): Refusal {
    return new Refusal('CS-PKCS-005', { limit, asked, maximum });
  }
}

function sameDerivation(a: KeyDerivation, b: KeyDerivation): boolean {
  return costs(a) === costs(b) && equalBytes(a.salt, b.salt);
}

function costs(derivation: KeyDerivation): string {
  if (derivation.kdf === 'PBKDF2') return `${derivation.hash} ${String(derivation.iterations)}`;
  return [derivation.cost, derivation.blockSize, derivation.parallelization].join(' ');
}
