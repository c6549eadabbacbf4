/** A private key that signs and is never shown: printing it, or turning it into JSON, says only what kind it is. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { inspect } from 'node:util';
import { DerReader } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import {
  type KeyType,
  type PublicKeyInfo,
  readPublicKeyInfo,
  type SignatureAlgorithm,
} from '../../identity/x509/index.ts';

const algorithms: Readonly<Record<KeyType, { signature: SignatureAlgorithm; digest: string | null }>> = {
  'P-256': { signature: 'ecdsa-with-SHA256', digest: 'sha256' },
  'P-384': { signature: 'ecdsa-with-SHA384', digest: 'sha384' },
  Ed25519: { signature: 'Ed25519', digest: null },
};

export class PrivateKey {
  readonly #key: KeyObject;
  readonly publicKey: PublicKeyInfo;

  constructor(key: KeyObject) {
    this.#key = key;
    const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
    this.publicKey = readPublicKeyInfo(DerReader.over(new Uint8Array(spki)));
  }

  get type(): KeyType {
    return this.publicKey.type;
  }

  /** The algorithm with which `sign` signs. */
  get signatureAlgorithm(): SignatureAlgorithm {
    return algorithms[this.type].signature;
  }

  /** The signature over `data` in the form that X.509 holds: ECDSA's as DER (RFC 5758, 3.2). */
  sign(data: Uint8Array): Uint8Array {
    return new Uint8Array(sign(algorithms[this.type].digest, data, this.#key));
  }

  /** PKCS#8, PEM, unencrypted: for a file of mode 0600 or for node:tls, and nothing else. */
  toPem(): string {
    return this.#key.export({ type: 'pkcs8', format: 'pem' }).toString();
  }

  toJSON(): string {
    return this.toString();
  }

  toString(): string {
    return `[private key, ${this.type}]`;
  }
}

// What console.log shows; apart from the class, since isolated declarations take no computed name.
Object.defineProperty(PrivateKey.prototype, inspect.custom, { value: PrivateKey.prototype.toString });

export function generatePrivateKey(type: KeyType): PrivateKey {
  if (type === 'Ed25519') return new PrivateKey(generateKeyPairSync('ed25519').privateKey);
  return new PrivateKey(generateKeyPairSync('ec', { namedCurve: type }).privateKey);
}

/** Reads an unencrypted private key, PKCS#8 or SEC1, from PEM; the text of a broken one is never part of the refusal. */
export function parsePrivateKey(pem: string): PrivateKey {
  const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(pem)?.[1];
  if (label === undefined) throw new Refusal('CS-PEM-001', { line: 1, rule: 'there is no "-----BEGIN" line' });
  if (label !== 'PRIVATE KEY' && label !== 'EC PRIVATE KEY') {
    throw new Refusal('CS-PEM-002', { expected: 'PRIVATE KEY', found: label });
  }
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: pem, format: 'pem' });
  } catch {
    throw new Refusal('CS-PEM-001', { line: 1, rule: 'the private key does not decode' });
  }
  return new PrivateKey(key);
}
