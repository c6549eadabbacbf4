/** What an endpoint holds of its own: key and certificate, the roots it trusts, and where and until when to renew. */
import { BundleSet } from '../../identity/spiffe/index.ts';
import type { Certificate } from '../../identity/x509/index.ts';
import type { PrivateKey } from '../../runtime/cryptography/index.ts';
import type { Credential } from '../../runtime/tls/index.ts';

export interface HeldCredential {
  readonly privateKey: PrivateKey;
  /** The end-entity certificate. */
  readonly leaf: Certificate;
  /** Its identity: the one SPIFFE ID that it carries. */
  readonly spiffeId: string;
  /** The intermediates after it, without the root. */
  readonly intermediates: readonly Certificate[];
  /** The trust domain's roots, as the authority gave them last. */
  readonly roots: readonly Certificate[];
  readonly trustDomain: string;
  /** `https://host:port`. */
  readonly authority: string;
  /** SHA-256 of the root's DER, lower-case hexadecimal. */
  readonly rootSha256: string;
  /** How long after its notAfter it can be renewed with its key. */
  readonly renewAfterExpirySeconds: number;
  /** When it was received, milliseconds since 1970 by this machine's clock: its remaining life counts from here. */
  readonly receivedAt: number;
}

/** The same as the TLS endpoints take it. */
export function toCredential(held: HeldCredential): Credential {
  return { chain: [held.leaf, ...held.intermediates].map(({ raw }) => raw), privateKey: held.privateKey };
}

/** The trust that came with it: one bundle, for its own trust domain. */
export function toBundles(held: HeldCredential, sequence: number = 0): BundleSet {
  const { trustDomain, roots, intermediates } = held;
  return new BundleSet(trustDomain, [{ trustDomain, anchors: roots, intermediates, sequence }]);
}

/** Its names: DNS, URI, IP and mailboxes. */
export function namesOf(certificate: Certificate): string[] {
  const { dns, uri, ip, email } = certificate.subjectAltName;
  return [...dns, ...uri, ...ip, ...email];
}
