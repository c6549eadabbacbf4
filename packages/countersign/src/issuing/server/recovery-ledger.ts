/** The storage port of what follows a restore: which life of the authority this is, and what is learned of the time that was lost. */
import type { RevokedEntry, RevokedScope } from '../../identity/revocation/index.ts';
import type { AuditEvent } from '../../runtime/audit/index.ts';
import type { CertificateLearning, LostTime } from '../enrollment-server/index.ts';
import type { FeedChange } from './revocation-ledger.ts';

/** A life of the authority that began with a backup. */
export interface Epoch extends LostTime {
  /** The feed's number with which it began. */
  readonly firstNumber: number;
}

export interface RecoveryLedger extends CertificateLearning {
  /** The last one; `undefined` for a database that was never restored. */
  currentEpoch(): Promise<Epoch | undefined>;
  /**
   * Revokes what an earlier life had revoked and this one does not know, with all that a revocation takes with it of what is on record.
   * `undefined`: nothing of it is new.
   */
  relearnRevocations(
    entries: readonly RevokedEntry[],
    atMs: number,
    event: AuditEvent,
    scopes?: readonly RevokedScope[],
  ): Promise<FeedChange | undefined>;
}

/** The storage port of snapshots: the whole of it as it is at one moment, in a file. */
export interface Snapshots {
  /** Others are served meanwhile. The file is made, for its owner alone; it must not exist. */
  take(file: string): Promise<void>;
}
