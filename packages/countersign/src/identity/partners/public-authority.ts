/** Whether a certificate comes from an authority of the public Web: those stopped certifying clients in 2026. */
import { type Certificate, extendedKeyUsages, extensionOids } from '../x509/index.ts';

/** CA/Browser Forum: extended, domain, organization and individual validation of TLS servers (Baseline Requirements, 7.1.6.1). */
const publicPolicies: ReadonlySet<string> = new Set([
  '2.23.140.1.1',
  '2.23.140.1.2.1',
  '2.23.140.1.2.2',
  '2.23.140.1.2.3',
]);

export type ClientUse =
  /** Not of a public authority, as far as it says. */
  | 'private'
  /** Good for clients now, and at its next renewal no more. */
  | 'ends-at-renewal'
  /** Good for servers alone already. */
  | 'ended';

/** By what it says itself: its policies, and the timestamps of logs that only public authorities' certificates carry (RFC 6962, 3.3). */
export function clientUseOf(
  certificate: Pick<Certificate, 'certificatePolicies' | 'extendedKeyUsage' | 'extensions'>,
): ClientUse {
  const { certificatePolicies = [], extendedKeyUsage, extensions } = certificate;
  const isPublic =
    certificatePolicies.some(({ policy }) => publicPolicies.has(policy)) ||
    extensions.some(({ oid }) => oid === extensionOids.signedCertificateTimestamps);
  if (!isPublic) return 'private';
  return extendedKeyUsage?.includes(extendedKeyUsages.clientAuth) === true ? 'ends-at-renewal' : 'ended';
}
