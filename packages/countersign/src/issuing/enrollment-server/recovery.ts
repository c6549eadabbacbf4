/** What enrolment knows of a time that the records do not hold: the authority was restored from a backup of before it. */
import type { AuditEvent } from '../../runtime/audit/index.ts';
import type { IssuedCertificate, RecordOutcome } from '../authority/index.ts';

export interface LostTime {
  /** When the backup was made: what came after it is not on record. */
  readonly backupAtMs: number;
  readonly restoredAtMs: number;
}

/** The storage port of certificates that were issued in that time. */
export interface CertificateLearning {
  /**
   * Takes one over that an earlier life of the authority issued; into the line of renewals of a certificate of the same key and identity, where there is
   * one. Neither an intent of it nor its line is known, but what is revoked is revoked.
   */
  learnCertificate(certificate: IssuedCertificate, event: AuditEvent): Promise<RecordOutcome>;
}

export interface Recovery {
  readonly lost: LostTime;
  readonly ledger: CertificateLearning;
}
