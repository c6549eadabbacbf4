/** The policy: the peer holds exactly this key. */
import { fromBase64, fromHex, toHex } from '../../ground/encoding/index.ts';
import { makePolicy, type PeerPolicy } from './peer-policy.ts';

/** Octets of SHA-256. */
const pinOctets = 32;

/**
 * Of any trust domain that is known: a key is nobody's to name. It comes on top of path validation, validity and revocation and
 * replaces none of them; a rekeyed peer no longer fits.
 * @param pin SHA-256 of the DER of the SubjectPublicKeyInfo, base64 (as RFC 7469 writes it) or hex
 * @throws TypeError where it is none
 */
export function spkiPin(pin: string): PeerPolicy {
  const octets = typeof pin === 'string' ? (fromHex(pin) ?? fromBase64(pin)) : undefined;
  if (octets?.length !== pinOctets)
    throw new TypeError(`${JSON.stringify(pin)} is not a SHA-256 of a public key in base64 or hex`);
  return makePolicy({ kind: 'spki-pin', pin: toHex(octets) });
}
