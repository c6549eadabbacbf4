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
  /** The list, or the changes to it, where this stands. */
  readonly list: CertificateList;
}

/** The changes are asked first: what they say stands; `undefined` where the certificate is not revoked. */
export function revocationBy(
  certificate: Certificate,
  complete: CertificateList,
  delta: CertificateList | undefined,
): Revocation | undefined {
  const found = (delta === undefined ? undefined : entryIn(delta, certificate)) ?? entryIn(complete, certificate);
  if (found === undefined || found.entry.reason === 'removeFromCRL') return undefined;
  const { entry, list } = found;
  return { revokedAt: entry.revocationDate, reason: entry.reason ?? 'unspecified', list };
}

interface Found {
  readonly entry: RevokedCertificate;
  readonly list: CertificateList;
}

/** Of several, one that revokes. */
function entryIn(list: CertificateList, { serialNumber, issuer }: Certificate): Found | undefined {
  const entries = list.revoked
    .find(serialNumber)
    .filter(({ certificateIssuer }) => certificateIssuer.some((name) => sameName(name, issuer)));
  const entry = entries.find(({ reason }) => reason !== 'removeFromCRL') ?? entries[0];
  return entry === undefined ? undefined : { entry, list };
}
