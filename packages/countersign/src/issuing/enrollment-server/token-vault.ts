/** The storage port of enrolment tokens; they are used up by the intent to sign (`IssuanceLedger`). Each call takes a batch. */
import type { AuditEvent } from '../../runtime/audit/index.ts';
import type { TokenClaim } from '../authority/index.ts';

export interface TokenRecord {
  readonly id: string;
  /** SHA-256 of the secret; the secret itself is kept nowhere. */
  readonly secretSha256: Uint8Array;
  /** Empty where the profile leaves them to the request. */
  readonly names: readonly string[];
  /** The profile's name. */
  readonly profile: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** The life of its certificates; absent: the profile's. */
  readonly certificateLifeMs?: number | undefined;
  /** Set once it was used. */
  readonly claim?: TokenClaim | undefined;
}

export interface TokenVault {
  /**
   * Resolves when they are on disk.
   * @param events for the audit log; written in the same transaction
   */
  add(tokens: readonly TokenRecord[], events: readonly AuditEvent[]): Promise<void>;
  find(ids: readonly string[]): Promise<readonly (TokenRecord | undefined)[]>;
}
