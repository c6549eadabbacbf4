/** A revocation that is wider than one certificate: of an identity, or of everything under an issuer's key. */
import type { RevocationReason, RevokedEntry } from './revoked-entry.ts';

interface Revoked {
  /** Milliseconds since 1970. */
  readonly revokedAt: number;
  /** From then on nothing that it concerns can be valid any more, in milliseconds since 1970. */
  readonly expiresAt: number;
  readonly reason: RevocationReason;
}

/** All certificates of an identity that were issued until then, also those that the authority has no record of. */
export interface RevokedIdentity extends Revoked {
  readonly kind: 'identity';
  /** The SPIFFE ID. */
  readonly identity: string;
  /** The latest notBefore of what it concerns, in milliseconds since 1970: what is issued afterwards begins later. */
  readonly notBeforeUntil: number;
}

/** Everything whose path leads through this key, whenever it was issued: who holds the key can sign any date. */
export interface RevokedIssuer extends Revoked {
  readonly kind: 'issuer';
  /** Lower-case hex SHA-256 of the issuer's SubjectPublicKeyInfo (DER). */
  readonly issuerKey: string;
}

export type RevokedScope = RevokedIdentity | RevokedIssuer;

/** A certificate that was held and is not any more. */
export type ReleasedEntry = Pick<RevokedEntry, 'issuerKey' | 'serialNumber' | 'expiresAt'>;

/** What is looked for among them. Called only where there are any. */
export interface ScopeSubject {
  /** The SPIFFE ID, where it has one. */
  readonly identity: string | undefined;
  /** Of all certificates of the path. */
  issuerKeys(): readonly string[];
  /** Of the end-entity certificate, in milliseconds since 1970. */
  notBefore(): number;
}

/** The key under which it is looked up. */
export function scopeKey(scope: RevokedScope): string {
  return scope.kind === 'identity' ? `identity:${scope.identity}` : `issuer:${scope.issuerKey}`;
}
