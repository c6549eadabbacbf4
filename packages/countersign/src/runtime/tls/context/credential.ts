/** A private key with its certificate chain, and the sources that endpoints take theirs from. */
import type { BundleSet } from '../../../identity/spiffe/index.ts';
import type { RevocationView } from '../../../identity/revocation/index.ts';
import { parseCertificate } from '../../../identity/x509/index.ts';
import type { PrivateKey } from '../../cryptography/index.ts';
import type { Source } from '../trust/source.ts';

/** Immutable: another certificate or key is another object; endpoints tell versions apart by that. */
export interface Credential {
  /** DER, the leaf first, without the root. */
  readonly chain: readonly Uint8Array[];
  readonly privateKey: PrivateKey;
}

export type CredentialSource = Source<Credential>;
export type BundleSource = Source<BundleSet>;
export type RevocationSource = Source<RevocationView>;

const expiries = new WeakMap<Credential, number>();

/** The first moment, in milliseconds since 1970, at which the leaf is no longer valid (RFC 5280, 4.1.2.5: notAfter's last second counts). */
export function credentialExpiry(credential: Credential): number {
  const known = expiries.get(credential);
  if (known !== undefined) return known;
  const [leaf] = credential.chain;
  if (leaf === undefined) throw new TypeError('a credential has a certificate');
  const expiry = parseCertificate(leaf).notAfter + 1000;
  expiries.set(credential, expiry);
  return expiry;
}
