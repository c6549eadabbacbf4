/** A journal in memory, for measurements and tests: nothing of it survives the process. */
import { pooledRandomBytes } from '../cryptography/index.ts';
import { type AuditEntry, type AuditHead, firstHead, headOf } from './audit-entry.ts';
import type { AuditEvent } from './audit-event.ts';
import type { AuditJournal } from './audit-journal.ts';
import { chain, type RandomSalts } from './chain.ts';
import { selects, withoutValues } from './personal-field.ts';

export interface MemoryJournal extends AuditJournal {
  readonly entries: readonly AuditEntry[];
  /** As `append`, at once: for a ledger in memory, whose writes are its transactions. */
  write(events: readonly AuditEvent[], after?: number): AuditHead;
}

export function memoryJournal(randomSalts: RandomSalts = pooledRandomBytes()): MemoryJournal {
  const entries: AuditEntry[] = [];
  let head = firstHead;

  const write: MemoryJournal['write'] = (events, after = 0) => {
    for (const event of events) {
      const entry = chain(head, event, randomSalts, Math.max(head.sequence, after) + 1);
      entries.push(entry);
      head = headOf(entry);
    }
    return head;
  };

  return {
    entries,
    write,
    append: async (events, { after } = {}) => write(events, after),
    head: async () => head,
    counted: async () => head.sequence,
    read: async (from, limit) => entries.filter(({ sequence }) => sequence >= from).slice(0, limit),
    erasePersonal: async (selector, event) => {
      let fields = 0;
      for (const [index, entry] of entries.entries()) {
        const names = selects(selector, entry.personal);
        if (names.length === 0) continue;
        fields += names.length;
        entries[index] = { ...entry, personal: withoutValues(entry.personal, names) };
      }
      write([{ ...event, facts: { ...event.facts, fields } }]);
      return fields;
    },
  };
}
