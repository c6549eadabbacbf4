/** Signature verification by node:crypto, in the shape that the pure rooms ask for. */
import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
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

/** Keys kept loaded: more than the issuers that one endpoint sees, and few enough to weigh nothing. Own choice. */
const mostLoaded = 64;

/** The newest last. Issuers of a bundle are asked again and again, by the same object; a weak map would cost more than it saves. */
const loaded = new Map<PublicKeyInfo, KeyObject>();

function load(key: PublicKeyInfo): KeyObject {
  const known = loaded.get(key);
  if (known !== undefined) return known;
  const made = createPublicKey({ key: key.raw as Buffer, format: 'der', type: 'spki' });
  if (loaded.size >= mostLoaded) {
    for (const oldest of loaded.keys()) {
      loaded.delete(oldest);
      break;
    }
  }
  loaded.set(key, made);
  return made;
}

/** A key that does not load (a point off its curve) verifies nothing, nor does one of another kind than the algorithm's. */
export const verifySignature: VerifySignature = (key, algorithm, signed, signature) => {
  // node:crypto takes "no digest" with an elliptic curve key for SHA-256.
  if (!algorithmFits(algorithm, key.type)) return false;
  const { digest, saltLength } = schemes[algorithm];
  try {
    const publicKey = load(key);
    return saltLength === undefined
      ? verify(digest, signed, publicKey, signature)
      : verify(digest, signed, { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, signature);
  } catch {
    return false;
  }
};
