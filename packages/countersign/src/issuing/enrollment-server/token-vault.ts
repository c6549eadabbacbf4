/** The storage port of enrolment tokens. Each call takes a batch. */
import type { AuditEvent } from '../../runtime/audit/index.ts';

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

/** With which key a token was used first, and so can be used alone. */
export interface TokenClaim {
  /** Lower-case hexadecimal SHA-256 of the SubjectPublicKeyInfo. */
  readonly publicKeySha256: string;
  readonly atMs: number;
}

/** The claim that holds after one was made. */
export interface HeldClaim extends TokenClaim {
  /** Whether it is the one that was just made: nothing can have come of the token before. */
  readonly first: boolean;
}

export interface TokenVault {
  /**
   * Resolves when they are on disk.
   * @param events for the audit log; written in the same transaction
   */
  add(tokens: readonly TokenRecord[], events: readonly AuditEvent[]): Promise<void>;
  find(ids: readonly string[]): Promise<readonly (TokenRecord | undefined)[]>;
  /**
   * Binds each token to its first claimant, on disk; answers the claim that holds, which may be an earlier one.
   * @param events for the audit log, one a claim; written only where the claim is a new one
   */
  claim(
    claims: readonly (TokenClaim & { readonly id: string })[],
    events: readonly AuditEvent[],
  ): Promise<readonly (HeldClaim | undefined)[]>;
}
