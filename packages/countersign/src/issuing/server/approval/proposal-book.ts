/** The storage ports of what needs two persons: proposals with who agreed to them, and the settings accepted last. */
import type { AuditEvent } from '../../../runtime/audit/index.ts';
import type { ProposalState, Role } from '../../../runtime/api/index.ts';

export interface Consent {
  /** Whom two persons are told apart by. */
  readonly person: string;
  /** The same in the words of the record. */
  readonly name: string;
  readonly atMs: number;
}

export interface ProposalRecord {
  readonly id: string;
  readonly operation: string;
  /** JSON, exactly what will be carried out. */
  readonly content: string;
  readonly contentSha256: string;
  readonly what: readonly string[];
  readonly roles: readonly Role[];
  readonly needed: number;
  readonly state: ProposalState;
  readonly consents: readonly Consent[];
  readonly proposedAtMs: number;
  readonly expiresAtMs: number;
}

/** What a consent came to; every one but `agreed` and `complete` has changed nothing. */
export type ConsentOutcome = 'agreed' | 'complete' | 'same-person' | 'over' | 'other-content' | 'unknown';

/** Each change takes what the audit log shall tell of it, written in the same transaction, and only where something changed. */
export interface ProposalBook {
  /** Adds it, unless an open one of the same operation and content is there; answers the one that holds. */
  propose(proposal: ProposalRecord, event: AuditEvent): Promise<ProposalRecord>;
  find(id: string): Promise<ProposalRecord | undefined>;
  /** The newest first, those proposed since `sinceMs`. */
  list(sinceMs: number): Promise<readonly ProposalRecord[]>;
  /**
   * Adds a person's consent, where the proposal is open, unexpired and of this content, and he has not agreed yet. `complete`: as many as needed have,
   * and it is `executing` now; that is answered once, ever.
   */
  consent(id: string, contentSha256: string, consent: Consent, event: AuditEvent): Promise<ConsentOutcome>;
  /** Where it is in `from`; answers whether it was. */
  settle(id: string, from: ProposalState, to: ProposalState, event?: AuditEvent): Promise<boolean>;
}

export interface SettingsRecord {
  /** JSON. */
  readonly content: string;
  readonly acceptedAtMs: number;
}

export interface SettingsMemory {
  /** `undefined` before the first. */
  accepted(): Promise<SettingsRecord | undefined>;
  accept(settings: SettingsRecord, event: AuditEvent): Promise<void>;
}
