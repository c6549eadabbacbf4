/** The bytes that the old key signs to renew after expiry: what it is for, the authority's challenge, the request's hash. */
import { concatBytes, fromBase64Url } from '../../ground/encoding/index.ts';
import { sha256 } from '../cryptography/index.ts';

/** Ends in a zero, so that no signature for this purpose can be one for another (as TLS 1.3 does, RFC 8446, 4.4.3). */
const context = new TextEncoder().encode('countersign renewal after expiry, version 1\0');

export interface RenewalProofFields {
  /** The challenge as the authority gave it: base64url of 32 bytes. */
  readonly challenge: string;
  /** The certification request in DER. */
  readonly request: Uint8Array;
}

export function renewalProof({ challenge, request }: RenewalProofFields): Uint8Array {
  const bytes = fromBase64Url(challenge);
  // Each part has a fixed length, so the whole can be read in one way only.
  if (bytes?.length !== 32) throw new TypeError('a challenge is base64url of 32 bytes');
  return concatBytes([context, bytes, sha256(request)]);
}
