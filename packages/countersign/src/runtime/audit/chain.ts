/** Gives an event its place: the next number, the hash of the entry before, the hash of it all. */
import type { AuditEntry, AuditHead, PersonalField } from './audit-entry.ts';
import type { AuditEvent } from './audit-event.ts';
import { entryHash } from './encode-entry.ts';
import { saltBytes, seal } from './personal-field.ts';

/** So many random octets. */
export type RandomSalts = (count: number) => Uint8Array;

/** Of the authority's log, or of another one that is chained in the same way. */
export type ChainedEvent = Omit<AuditEvent, 'action'> & { readonly action: string };

/** @param sequence a later number than the next one, where numbers must be left out */
export function chain(
  previous: AuditHead,
  { atMs, action, facts, personal }: ChainedEvent,
  randomSalts: RandomSalts,
  sequence: number = previous.sequence + 1,
): AuditEntry {
  if (sequence <= previous.sequence) throw new TypeError('the numbers of entries rise');
  const sealed: Record<string, PersonalField> = {};
  for (const [name, value] of Object.entries(personal)) sealed[name] = seal(value, randomSalts(saltBytes));
  const entry = { sequence, previous: previous.hash, atMs, action, facts, personal: sealed };
  return { ...entry, hash: entryHash(entry) };
}
