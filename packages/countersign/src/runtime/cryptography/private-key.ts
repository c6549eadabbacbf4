/** A private key that signs and is never shown: printing it, or turning it into JSON, says only what kind it is. */
import { createPrivateKey, createPublicKey, createSign, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { inspect } from 'node:util';
import { concatBytes, DerReader, encodePem, parsePem, tags } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import {
  decryptPrivateKey,
  encodePrivateKeyInfo,
  encryptPrivateKey,
  isKeyType,
  type KeyType,
  ownSignatureAlgorithm,
  parsePrivateKeyInfo,
  type PasswordLimits,
  type PublicKeyInfo,
  parsePublicKeyInfo,
  type SignatureAlgorithm,
  type Stretching,
} from '../../identity/x509/index.ts';
import { plainView } from './hashes.ts';
import { passwordCryptography } from './password-cryptography.ts';

const digests: Readonly<Record<KeyType, string | null>> = {
  'P-256': 'sha256',
  'P-384': 'sha384',
  'P-521': 'sha512',
  Ed25519: null,
  RSA: 'sha256',
  'ML-DSA-44': null,
  'ML-DSA-65': null,
  'ML-DSA-87': null,
};

/** 1 MiB: less than a millisecond of hashing with the processor's own instructions, some milliseconds without. Own choice. */
const octetsOfATurn = 1024 * 1024;

/** Bits of an RSA modulus made here (NIST SP 800-57 part 1: 128 bits of strength). */
const rsaBits = 3072;

/** Bits of an RSA modulus that signs here (NIST SP 800-131A). */
const leastRsaBits = 2048;

export class PrivateKey {
  readonly #key: KeyObject;
  readonly publicKey: PublicKeyInfo;
  readonly type: KeyType;

  constructor(key: KeyObject) {
    this.#key = key;
    const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
    this.publicKey = parsePublicKeyInfo(new Uint8Array(spki));
    const { type, oid, bits } = this.publicKey;
    if (!isKeyType(type)) throw new Refusal('CS-X509-002', { algorithm: `private key ${oid}` });
    if (type === 'RSA' && bits < leastRsaBits) {
      throw new Refusal('CS-X509-002', { algorithm: `RSA key of ${bits} bits; ${leastRsaBits} at least` });
    }
    this.type = type;
  }

  /** The algorithm with which `sign` signs. */
  get signatureAlgorithm(): SignatureAlgorithm {
    return ownSignatureAlgorithm(this.type);
  }

  /** The signature over `data` in the form that X.509 holds: ECDSA's as DER (RFC 5758, 3.2). */
  sign(data: Uint8Array): Uint8Array {
    return plainView(sign(digests[this.type], data, this.#key));
  }

  /** The signature of a JWS by this key: ECDSA's as two integers of fixed length (RFC 7518, 3.4). @param signed ASCII */
  signJws(signed: string): Uint8Array {
    const data = Buffer.from(signed, 'latin1');
    return plainView(sign(digests[this.type], data, { key: this.#key, dsaEncoding: 'ieee-p1363' }));
  }

  /**
   * One signature over the pieces, one after the other, for what takes milliseconds to hash: in between everything else has its turn. The pieces may be
   * in shared memory, and stay as they are until it resolves.
   */
  async signPieces(pieces: readonly Uint8Array[]): Promise<Uint8Array> {
    const digest = digests[this.type];
    // These read what they sign twice, and take it whole: in another thread, which copies it.
    if (digest === null) return this.#signElsewhere(concatBytes(pieces));
    const signing = createSign(digest);
    let sinceTurn = 0;
    for (const piece of pieces) {
      for (let at = 0; at < piece.length; at += octetsOfATurn) {
        const part = piece.subarray(at, at + octetsOfATurn);
        signing.update(part);
        sinceTurn += part.length;
        if (sinceTurn < octetsOfATurn) continue;
        sinceTurn = 0;
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    }
    return plainView(signing.sign(this.#key));
  }

  #signElsewhere(data: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      sign(null, data, this.#key, (error, signature) => {
        if (error === null) resolve(plainView(signature));
        else reject(error);
      });
    });
  }

  /** PKCS#8, PEM, unencrypted: for a file of mode 0600 or for node:tls, and nothing else. */
  toPem(): string {
    return this.#key.export({ type: 'pkcs8', format: 'pem' }).toString();
  }

  /** PKCS#8, PEM, under a passphrase: AES-256, by default with 600,000 iterations of PBKDF2-HMAC-SHA256 (0.1 to 0.3 s). */
  toEncryptedPem(passphrase: string, stretching?: Stretching): string {
    const info = parsePrivateKeyInfo(new Uint8Array(this.#key.export({ type: 'pkcs8', format: 'der' })));
    return encodePem(encryptedLabel, encryptPrivateKey(info, passphrase, passwordCryptography, stretching));
  }

  toJSON(): string {
    return this.toString();
  }

  toString(): string {
    return `[private key, ${this.type}]`;
  }
}

// What console.log shows; apart from the class, since isolated declarations take no computed name.
Object.defineProperty(PrivateKey.prototype, inspect.custom, {
  value(this: PrivateKey): string {
    return this.toString();
  },
});

export function generatePrivateKey(type: KeyType): PrivateKey {
  return new PrivateKey(generateKey(type));
}

function generateKey(type: KeyType): KeyObject {
  switch (type) {
    case 'P-256':
    case 'P-384':
    case 'P-521':
      return generateKeyPairSync('ec', { namedCurve: type }).privateKey;
    case 'Ed25519':
      return generateKeyPairSync('ed25519').privateKey;
    case 'RSA':
      return generateKeyPairSync('rsa', { modulusLength: rsaBits }).privateKey;
    case 'ML-DSA-44':
      return generateKeyPairSync('ml-dsa-44').privateKey;
    case 'ML-DSA-65':
      return generateKeyPairSync('ml-dsa-65').privateKey;
    case 'ML-DSA-87':
      return generateKeyPairSync('ml-dsa-87').privateKey;
  }
}

/** What may come before a key of `openssl ecparam -genkey`, and says nothing that the key does not. */
const parametersLabel = 'EC PARAMETERS';

const encryptedLabel = 'ENCRYPTED PRIVATE KEY';

const encodings: ReadonlyMap<string, 'pkcs8' | 'sec1'> = new Map([
  ['PRIVATE KEY', 'pkcs8'],
  ['EC PRIVATE KEY', 'sec1'],
]);

export interface PrivateKeyReadOptions extends PasswordLimits {
  /** For an encrypted key; an unencrypted one is read with or without it. */
  readonly passphrase?: string;
}

/** Reads a private key, PKCS#8, encrypted or not, or SEC1, from PEM; the text of a broken one is never part of the refusal. */
export function parsePrivateKey(pem: string, options: PrivateKeyReadOptions = {}): PrivateKey {
  const blocks = parsePem(pem).filter(({ label }) => label !== parametersLabel);
  const [block] = blocks;
  if (block?.label === encryptedLabel && blocks.length === 1) return decrypted(block.bytes, options);
  const type = encodings.get(block?.label ?? '');
  if (block === undefined || type === undefined || blocks.length > 1) {
    throw new Refusal('CS-PEM-002', {
      expected: 'one PRIVATE KEY',
      found: blocks.map(({ label }) => label).join(', '),
    });
  }
  const outer = DerReader.over(block.bytes);
  outer.element(tags.sequence);
  // OpenSSL passes over what follows the key.
  outer.finish();
  return new PrivateKey(decoded(block.bytes, type));
}

function decrypted(der: Uint8Array, { passphrase, ...limits }: PrivateKeyReadOptions): PrivateKey {
  if (passphrase === undefined) throw new Refusal('CS-PKCS-002', { object: 'private key' });
  const { key } = decryptPrivateKey(der, passphrase, passwordCryptography, limits);
  return new PrivateKey(decoded(encodePrivateKeyInfo(key), 'pkcs8'));
}

function decoded(der: Uint8Array, type: 'pkcs8' | 'sec1'): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(der), format: 'der', type });
  } catch {
    // Without the cause: what OpenSSL says of a key is for no log.
    throw new Refusal('CS-PEM-001', { line: 1, rule: 'the private key does not decode' });
  }
}
