/** The keys of an authority at work: the issuer that signs, and the certificates up to the anchor that endpoints pin. No root's key is among them. */
import type { Certificate } from '../../identity/x509/index.ts';
import type { KeyCertificate } from './key-certificate.ts';

export interface AuthorityKeys {
  readonly trustDomain: string;
  /** The trust anchor that endpoints pin: the authority's own root, or the corporate root. */
  readonly anchor: Certificate;
  /** Between issuer and anchor, the issuer's own issuer first; empty under an own root. */
  readonly above: readonly Certificate[];
  /** Signs end-entity certificates. */
  readonly issuer: KeyCertificate;
}

/** What is handed out after each end-entity certificate: its issuer and what stands above, without the anchor, which each side has. */
export function issuerChain({ issuer, above }: AuthorityKeys): readonly Certificate[] {
  return [issuer.certificate, ...above];
}
