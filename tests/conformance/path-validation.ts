/** Path validation as the runners of this folder call it. */
import { Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import {
  type Certificate,
  type KeyUsage,
  parseCertificate,
  type VerifySignature,
  validatePath,
} from '../../packages/countersign/src/identity/x509/index.ts';
import { verifySignature } from '../../packages/countersign/src/runtime/cryptography/index.ts';

export { type Certificate, type KeyUsage, parseCertificate, Refusal, verifySignature };

export type PathProfile = 'rfc5280' | 'rfc5280-section-6' | 'webpki' | 'mutual-tls';

export interface PeerName {
  readonly kind: 'dns' | 'ip' | 'uri' | 'email';
  readonly value: string;
}

/** The inputs of RFC 5280, 6.1.1 (c), (e), (f) and (g). */
export interface PolicyInputs {
  readonly accepted?: readonly string[];
  readonly requireExplicit?: boolean;
  readonly inhibitMapping?: boolean;
  readonly inhibitAnyPolicy?: boolean;
}

export interface PathQuestion {
  readonly leaf: Certificate;
  readonly intermediates: readonly Certificate[];
  readonly anchors: readonly Certificate[];
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly purpose: 'client' | 'server' | 'feed' | 'any';
  readonly verifySignature: VerifySignature;
  readonly profile?: PathProfile;
  readonly names?: readonly PeerName[];
  readonly keyUsage?: readonly KeyUsage[];
  readonly policies?: PolicyInputs;
  readonly mostIntermediates?: number;
  readonly isPublicSuffix?: (domain: string) => boolean;
  readonly dangerouslyAllow?: readonly ('sha1' | 'dsa' | 'rsa-1024')[];
}

/** Throws a `Refusal` where there is no valid path. */
export function validate(question: PathQuestion): void {
  validatePath(question);
}
