/** Signature verification by node:crypto, in the shape that the pure rooms ask for. */
import { constants, createPublicKey, type KeyObject, verify, type VerifyKeyObjectInput } from 'node:crypto';
import {
  algorithmFits,
  type PublicKeyInfo,
  type SignatureAlgorithm,
  type VerifySignature,
} from '../../identity/x509/index.ts';

interface Scheme {
  readonly digest: string | null;
  /** Octets of the salt: RSASSA-PSS, whose mask uses the same hash (RFC 4055, 3.1). */
  readonly saltLength?: number;
}

const schemes: Readonly<Record<SignatureAlgorithm, Scheme>> = {
  'ecdsa-with-SHA256': { digest: 'sha256' },
  'ecdsa-with-SHA384': { digest: 'sha384' },
  'ecdsa-with-SHA512': { digest: 'sha512' },
  Ed25519: { digest: null },
  sha256WithRSAEncryption: { digest: 'sha256' },
  sha384WithRSAEncryption: { digest: 'sha384' },
  sha512WithRSAEncryption: { digest: 'sha512' },
  'RSASSA-PSS-SHA256': { digest: 'sha256', saltLength: 32 },
  'RSASSA-PSS-SHA384': { digest: 'sha384', saltLength: 48 },
  'RSASSA-PSS-SHA512': { digest: 'sha512', saltLength: 64 },
  'ML-DSA-44': { digest: null },
  'ML-DSA-65': { digest: null },
  'ML-DSA-87': { digest: null },
  sha1WithRSAEncryption: { digest: 'sha1' },
  'ecdsa-with-SHA1': { digest: 'sha1' },
  'dsa-with-SHA1': { digest: 'sha1' },
  'dsa-with-SHA256': { digest: 'sha256' },
};

/** Keys remembered: more than the issuers that one endpoint sees, and few enough to weigh nothing. Own choice. */
const mostRemembered = 64;

/**
 * The newest last; loaded from the second time on. Issuers of a bundle are asked again and again, by the same object, while a key of a
 * stranger's chain is met once: loading it for good would cost more than the verification saves. A weak map costs more than it saves.
 */
const remembered = new Map<PublicKeyInfo, KeyObject | undefined>();

type VerificationKey = KeyObject | { key: Buffer; format: 'der'; type: 'spki' };

function keyFor(key: PublicKeyInfo): VerificationKey {
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const encoded = encodedKey(key);
  const again = remembered.has(key);
  const object = again ? createPublicKey(encoded) : undefined;
  if (!again && remembered.size >= mostRemembered) forgetOldest();
  remembered.set(key, object);
  return object ?? encoded;
}

function forgetOldest(): void {
  for (const oldest of remembered.keys()) {
    remembered.delete(oldest);
    return;
  }
}

/** A key that does not load (a point off its curve) verifies nothing, nor does one of another kind than the algorithm's. */
export const verifySignature: VerifySignature = (key, algorithm, signed, signature) =>
  verifyWith(keyFor, key, algorithm, signed, signature);

/** The same for a key that will not be met again, as that of a certification request: it takes no other key's place in memory. */
export const verifyOnce: VerifySignature = (key, algorithm, signed, signature) =>
  verifyWith(encodedKey, key, algorithm, signed, signature);

function encodedKey(key: PublicKeyInfo): VerificationKey {
  return { key: key.raw as Buffer, format: 'der', type: 'spki' };
}

/** The same on another thread: of what is large, hashing alone would hold up everybody for a tenth of a second. */
export function verifySignatureAside(
  key: PublicKeyInfo,
  algorithm: SignatureAlgorithm,
  signed: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (!algorithmFits(algorithm, key.type)) return Promise.resolve(false);
  return new Promise((resolve) => {
    try {
      verify(schemes[algorithm].digest, signed, withSalt(keyFor(key), algorithm), signature, (error, verdict) =>
        resolve(error === null && verdict),
      );
    } catch {
      resolve(false);
    }
  });
}

function verifyWith(
  load: (key: PublicKeyInfo) => VerificationKey,
  key: PublicKeyInfo,
  algorithm: SignatureAlgorithm,
  signed: Uint8Array,
  signature: Uint8Array,
): boolean {
  // node:crypto takes "no digest" with an elliptic curve key for SHA-256.
  if (!algorithmFits(algorithm, key.type)) return false;
  try {
    return verify(schemes[algorithm].digest, signed, withSalt(load(key), algorithm), signature);
  } catch {
    return false;
  }
}

function withSalt(key: VerificationKey, algorithm: SignatureAlgorithm): VerifyKeyObjectInput | VerificationKey {
  const { saltLength } = schemes[algorithm];
  if (saltLength === undefined) return key;
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return 'format' in key ? { ...key, padding, saltLength } : { key, padding, saltLength };
}
