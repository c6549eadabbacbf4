/** Trust anchors (RFC 5280, 6.1.1 (d)): a certificate, or a name with its key (RFC 5914), as one thing. */
import type { PublicKeyInfo } from '../algorithms.ts';
import type { Certificate } from '../certificate.ts';
import type { DistinguishedName } from '../distinguished-name.ts';
import type { NameConstraints } from '../extensions/name-constraints.ts';

/** An anchor without a certificate: it never expires, and constrains names alone. */
export interface NamedKey {
  readonly subject: DistinguishedName;
  readonly publicKey: PublicKeyInfo;
  /** subjectKeyIdentifier, in lower-case hexadecimal digits; it helps to find the right one of two keys of one name. */
  readonly subjectKeyIdentifier?: string;
  readonly nameConstraints?: NameConstraints;
}

export type TrustAnchor = Certificate | NamedKey;

export function isCertificate(anchor: TrustAnchor): anchor is Certificate {
  return 'tbs' in anchor;
}
