/** What the audit log says of a certificate that is about to be signed. It is written before the signature: what was signed, it tells. */
import type { AuditEvent } from '../../runtime/audit/index.ts';
import type { Intent, IssuedCertificate } from './ledger.ts';

/** The origin names who asked (a token, the certificate renewed, the authority itself); the names are a person's, perhaps. */
export function issueEvent(
  { serialNumber, origin, toBeSignedSha256, recordedAtMs }: Intent,
  { profile, names }: Pick<IssuedCertificate, 'profile' | 'names'>,
): AuditEvent {
  return {
    atMs: recordedAtMs,
    action: 'certificate.issue',
    facts: { origin, profile, serial: serialNumber, tbsSha256: toBeSignedSha256 },
    personal: { names: names.join(' ') },
  };
}
