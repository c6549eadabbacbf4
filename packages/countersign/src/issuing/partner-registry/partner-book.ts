/** The storage port of partners. Each call takes a batch; what changed and its event are one transaction. */
import type { Partner, PartnerState } from '../../identity/partners/index.ts';
import type { AuditEvent } from '../../runtime/audit/index.ts';

/** What it may do, and who is told: all that an invitation says of a partner. */
export type PartnerTerms = Pick<Partner, 'routes' | 'limits' | 'contacts'>;

export interface PartnerRecord {
  readonly name: string;
  readonly state: PartnerState;
  /** Of the suspension. */
  readonly reason?: string | undefined;
  readonly terms: PartnerTerms;
  readonly invitedAtMs: number;
  /** When its state changed last. */
  readonly changedAtMs: number;
  /** The last notice that a certificate of it ends. */
  readonly told?: Omit<ToldExpiry, 'name'> | undefined;
}

export interface ToldExpiry {
  readonly name: string;
  readonly serial: string;
  readonly beforeMs: number;
}

export interface PartnerChange {
  readonly name: string;
  readonly from: PartnerState;
  readonly to: PartnerState;
  readonly reason?: string | undefined;
  readonly atMs: number;
  readonly event: AuditEvent;
}

export interface PartnerRemoval {
  readonly name: string;
  readonly event: AuditEvent;
}

export interface PartnerBook {
  /** Whether each was new; nothing is written of one that is there, nor its event. */
  add(partners: readonly PartnerRecord[], events: readonly AuditEvent[]): Promise<readonly boolean[]>;
  find(names: readonly string[]): Promise<readonly (PartnerRecord | undefined)[]>;
  /** In the order of their names. */
  page(after: string | undefined, limit: number): Promise<readonly PartnerRecord[]>;
  /** Whether each was in the state that it was to leave. */
  settle(changes: readonly PartnerChange[]): Promise<readonly boolean[]>;
  noteTold(told: readonly ToldExpiry[]): Promise<void>;
  /** Forgets them with their contacts; the audit log remembers their names. */
  remove(removals: readonly PartnerRemoval[]): Promise<readonly boolean[]>;
}
