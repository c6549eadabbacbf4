/** An entry of the log, and the head that stands for all before it. */
import type { AuditFacts } from './audit-event.ts';

/** A personal value with the salt under which it was hashed; both are gone once it was erased, the hash stays. */
export interface PersonalField {
  /** Lower-case hexadecimal SHA-256 of the salt and the value in UTF-8, one after the other. */
  readonly hash: string;
  /** Lower-case hexadecimal, 16 octets. */
  readonly salt?: string;
  readonly value?: string;
}

export interface AuditEntry {
  /** From 1, without gaps. */
  readonly sequence: number;
  /** The hash of the entry before; 64 zeros for the first. */
  readonly previous: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** One of `auditActions`, or of a newer version's. */
  readonly action: string;
  readonly facts: AuditFacts;
  readonly personal: Readonly<Record<string, PersonalField>>;
  /** Lower-case hexadecimal SHA-256 of all of the above (`encodeEntry`). */
  readonly hash: string;
}

export interface AuditHead {
  readonly sequence: number;
  readonly hash: string;
  readonly atMs: number;
}

/** Before the first entry. */
export const firstHead: AuditHead = { sequence: 0, hash: '0'.repeat(64), atMs: 0 };

export function headOf({ sequence, hash, atMs }: AuditEntry): AuditHead {
  return { sequence, hash, atMs };
}
