/** Signature verification by node:crypto, in the shape that the pure rooms ask for. */
import { createPublicKey, verify } from 'node:crypto';
import { algorithmFits, type SignatureAlgorithm, type VerifySignature } from '../../identity/x509/index.ts';

const digests: Readonly<Record<SignatureAlgorithm, string | null>> = {
  'ecdsa-with-SHA256': 'sha256',
  'ecdsa-with-SHA384': 'sha384',
  Ed25519: null,
};

/** A key that does not load (a point off its curve) verifies nothing, nor does one of another kind than the algorithm's. */
export const verifySignature: VerifySignature = (key, algorithm, signed, signature) => {
  // node:crypto takes "no digest" with an elliptic curve key for SHA-256.
  if (!algorithmFits(algorithm, key.type)) return false;
  try {
    const publicKey = createPublicKey({ key: Buffer.from(key.raw), format: 'der', type: 'spki' });
    return verify(digests[algorithm], signed, publicKey, signature);
  } catch {
    return false;
  }
};
