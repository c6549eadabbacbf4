/** What path validation is asked (RFC 5280, 6.1.1, and what an application adds to it). */
import type { VerifySignature } from '../algorithms.ts';
import type { Certificate } from '../certificate.ts';
import type { KeyUsage } from '../extensions.ts';
import type { PeerName } from '../names/peer-name.ts';
import type { PathLimits } from './budget.ts';
import type { TrustAnchor } from './trust-anchor.ts';

/** What the end-entity certificate is needed for: `client` to call, `server` to serve, `feed` to sign the revocation feed; `any` asks nothing. */
export type PathPurpose = 'client' | 'server' | 'feed' | 'any';

/**
 * Which rules hold beside those of the path itself.
 * - `mutual-tls`, the default: what protects the two sides of a call, and no formality that private authorities often miss.
 * - `rfc5280`: also what section 4 demands of whoever issues.
 * - `rfc5280-section-6`: path validation alone, also of certificates that section 4 forbids to issue.
 * - `webpki`: `rfc5280` with the public Web's rules for servers (CA/Browser Forum, Baseline Requirements).
 */
export type PathProfile = 'mutual-tls' | 'rfc5280' | 'rfc5280-section-6' | 'webpki';

/** What is refused as too weak unless it is asked for by name. */
export type Weakness = 'sha1' | 'dsa' | 'rsa-1024';

/** The policy inputs of RFC 5280, 6.1.1 (c), (e), (f), (g). */
export interface PolicyInput {
  /** Object identifiers; default any policy. */
  readonly accepted?: readonly string[];
  /** Whether the path must be valid for one of them; default false. */
  readonly requireExplicit?: boolean;
  readonly inhibitMapping?: boolean;
  readonly inhibitAnyPolicy?: boolean;
}

export interface PathInput {
  readonly leaf: Certificate;
  /** Untrusted certificates that may lie between; their order does not matter. */
  readonly intermediates: readonly Certificate[];
  readonly anchors: readonly TrustAnchor[];
  /** The moment for which the path must be valid, milliseconds since 1970. */
  readonly at: number;
  readonly purpose: PathPurpose;
  readonly verifySignature: VerifySignature;
  readonly profile?: PathProfile;
  /** Names that the end-entity certificate must carry, each of them (RFC 9525). */
  readonly names?: readonly PeerName[];
  /** Usages that the end-entity's key must be allowed, where its certificate restricts them. */
  readonly keyUsage?: readonly KeyUsage[];
  readonly policies?: PolicyInput;
  /** Intermediates of one path, self-issued ones not counted; default 6. */
  readonly mostIntermediates?: number;
  /**
   * Whether extendedKeyUsage on an issuer narrows what stands below it (`narrow`, the default), as everybody but RFC 5280 reads it,
   * or says nothing about it (`ignored`).
   */
  readonly issuerKeyPurposes?: 'narrow' | 'ignored';
  /** Whether names directly under a domain belong to different holders ("co.uk"); `webpki` needs it. */
  readonly isPublicSuffix?: (domain: string) => boolean;
  readonly dangerouslyAllow?: readonly Weakness[];
  /** In place of `defaultPathLimits`, where there is a reason to look at more. */
  readonly limits?: Partial<PathLimits>;
}
