/** One revoked certificate, named by its issuer's key and its serial number: never by a signature, which is malleable. */

/** The reasons of RFC 5280, 5.3.1, that an authority of services gives. */
export const revocationReasons = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'privilegeWithdrawn',
  'aACompromise',
] as const;

export type RevocationReason = (typeof revocationReasons)[number];

export interface RevokedEntry {
  /** Lower-case hex SHA-256 of the issuer's SubjectPublicKeyInfo (DER). */
  readonly issuerKey: string;
  /** Upper-case hex as OpenSSL prints it. */
  readonly serialNumber: string;
  /** Milliseconds since 1970. */
  readonly revokedAt: number;
  /** The certificate's notAfter in milliseconds since 1970: after it the entry is of no use. */
  readonly expiresAt: number;
  readonly reason: RevocationReason;
}

/** The key under which a certificate is looked up. */
export function revocationKey(issuerKey: string, serialNumber: string): string {
  return `${issuerKey}:${serialNumber}`;
}
