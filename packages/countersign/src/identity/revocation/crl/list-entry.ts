/** What a list and the changes to it say of one certificate (RFC 5280, 6.3.3 (i) to (k)). */
import {
  type Certificate,
  type CertificateList,
  type RevocationReason,
  type RevokedCertificate,
  sameName,
} from '../../x509/index.ts';

export interface Revocation {
  /** Milliseconds since 1970. */
  readonly revokedAt: number;
  readonly reason: RevocationReason;
}

/** The changes are asked first: what they say stands; `undefined` where the certificate is not revoked. */
export function revocationBy(
  certificate: Certificate,
  complete: CertificateList,
  delta: CertificateList | undefined,
): Revocation | undefined {
  const entry = (delta === undefined ? undefined : entryIn(delta, certificate)) ?? entryIn(complete, certificate);
  if (entry === undefined || entry.reason === 'removeFromCRL') return undefined;
  return { revokedAt: entry.revocationDate, reason: entry.reason ?? 'unspecified' };
}

/** Of several, one that revokes. */
function entryIn(list: CertificateList, { serialNumber, issuer }: Certificate): RevokedCertificate | undefined {
  const entries = list.revoked
    .find(serialNumber)
    .filter(({ certificateIssuer }) => certificateIssuer.some((name) => sameName(name, issuer)));
  return entries.find(({ reason }) => reason !== 'removeFromCRL') ?? entries[0];
}
