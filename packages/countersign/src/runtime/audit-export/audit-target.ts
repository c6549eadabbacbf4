/** What entries are sent to. */
import type { AuditEntry } from '../audit/index.ts';

export interface AuditTarget {
  /** Resolves when the receiver has them, as far as its protocol tells; rejects with CS-AUDIT-003. */
  send(entries: readonly AuditEntry[]): Promise<void>;
  close(): Promise<void>;
}
