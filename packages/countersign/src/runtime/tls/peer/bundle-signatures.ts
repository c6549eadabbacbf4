/** Signature verification for paths under one bundle: what its own intermediates are signed with is verified once for each issuer's key, not for each peer. */
import type { Bundle } from '../../../identity/spiffe/index.ts';
import type { PublicKeyInfo, VerifySignature } from '../../../identity/x509/index.ts';
import { verifySignature } from '../../cryptography/index.ts';

/** Keys remembered for one intermediate: those of the bundle's own certificates, of which few have its issuer's name. Own choice. */
const mostKeys = 8;

const verifications = new WeakMap<Bundle, VerifySignature>();

/** A bundle never changes: another one is another object. */
export function verifyWithin(bundle: Bundle): VerifySignature {
  const known = verifications.get(bundle);
  if (known !== undefined) return known;
  const made = remembering(bundle);
  verifications.set(bundle, made);
  return made;
}

interface Held {
  readonly signature: Uint8Array;
  /** Under which it was good: what is not good is found out again. */
  readonly keys: Set<PublicKeyInfo>;
}

/** By the very octets in memory, which are those of the bundle alone: an equal certificate that a peer sends is another. */
function remembering({ intermediates }: Bundle): VerifySignature {
  const held = new Map<Uint8Array, Held>(
    intermediates.map(({ tbs, signature }) => [tbs, { signature, keys: new Set() }]),
  );
  return (key, algorithm, signed, signature) => {
    const own = held.get(signed);
    if (own === undefined || own.signature !== signature) return verifySignature(key, algorithm, signed, signature);
    if (own.keys.has(key)) return true;
    const isGood = verifySignature(key, algorithm, signed, signature);
    if (isGood && own.keys.size < mostKeys) own.keys.add(key);
    return isGood;
  };
}
