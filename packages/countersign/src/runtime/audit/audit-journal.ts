/** The storage port of the log. What changes the store is told of in the transaction that changes it; this is for the rest, and for reading. */
import type { AuditEntry, AuditHead } from './audit-entry.ts';
import type { AuditEvent } from './audit-event.ts';

/** One of the two. */
export interface PersonalSelector {
  /** Entries of this actor: his name, his address. */
  readonly actor?: string | undefined;
  /** Entries about this name of a certificate or a token. */
  readonly name?: string | undefined;
}

export interface AppendOptions {
  /** The first entry's number is greater than this: after a restore, numbers that others may have seen are not given again. */
  readonly after?: number | undefined;
}

export interface AuditJournal {
  /** Resolves with the head when all of them are on disk. */
  append(events: readonly AuditEvent[], options?: AppendOptions): Promise<AuditHead>;
  /** `firstHead` where nothing was written yet. */
  head(): Promise<AuditHead>;
  /** Entries with these numbers or later ones, in their order. */
  read(from: number, limit: number): Promise<readonly AuditEntry[]>;
  /** Entries with one of `issuerActions`, which tell what issuer was used or taken in: the latest first. */
  issuers(limit: number): Promise<readonly AuditEntry[]>;
  /** The highest number that was ever given: above the head's where the end of the log was removed. */
  counted(): Promise<number>;
  /**
   * Erases the values of the fields that the selector names, and writes `event` with how many they were (`fields`), in one transaction.
   * Answers that number.
   */
  erasePersonal(selector: PersonalSelector, event: AuditEvent): Promise<number>;
}
