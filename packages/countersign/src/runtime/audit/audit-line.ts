/** An entry as it leaves the authority: one JSON object, whose members are those that are hashed, with the personal values in the open. */
import type { AuditEntry, PersonalField } from './audit-entry.ts';
import type { AuditFacts } from './audit-event.ts';

export interface AuditLine {
  readonly sequence: number;
  readonly previous: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly action: string;
  readonly facts: AuditFacts;
  readonly personal: Readonly<Record<string, PersonalField>>;
  readonly hash: string;
}

export function toAuditLine({ sequence, previous, atMs, action, facts, personal, hash }: AuditEntry): AuditLine {
  return { sequence, previous, at: atMs, action, facts, personal, hash };
}

export function fromAuditLine({ sequence, previous, at, action, facts, personal, hash }: AuditLine): AuditEntry {
  return { sequence, previous, atMs: at, action, facts, personal, hash };
}
