/** A journal in memory, for measurements and tests: nothing of it survives the process, so entries are chained when somebody looks. */
import { pooledRandomBytes } from '../cryptography/index.ts';
import { issuerActions } from './audit-action.ts';
import { type AuditEntry, type AuditHead, firstHead, headOf } from './audit-entry.ts';
import type { AuditEvent } from './audit-event.ts';
import type { AuditJournal } from './audit-journal.ts';
import { chain, type RandomSalts } from './chain.ts';
import { selects, withoutValues } from './personal-field.ts';

export interface MemoryJournal extends AuditJournal {
  readonly entries: readonly AuditEntry[];
  /** As `append`, at once: for a ledger in memory, whose writes are its transactions. */
  write(events: readonly AuditEvent[]): void;
}

export function memoryJournal(randomSalts: RandomSalts = pooledRandomBytes()): MemoryJournal {
  const chained: AuditEntry[] = [];
  const written: AuditEvent[] = [];
  let head = firstHead;

  const catchUp = (after = 0): AuditHead => {
    for (const event of written.splice(0)) {
      const entry = chain(head, event, randomSalts, Math.max(head.sequence, after) + 1);
      chained.push(entry);
      head = headOf(entry);
    }
    return head;
  };
  const entries = (): AuditEntry[] => {
    catchUp();
    return chained;
  };

  return {
    get entries() {
      return entries();
    },
    write: (events) => void written.push(...events),
    append: async (events, { after } = {}) => {
      catchUp();
      written.push(...events);
      return catchUp(after);
    },
    head: async () => catchUp(),
    counted: async () => catchUp().sequence,
    read: async (from, limit) =>
      entries()
        .filter(({ sequence }) => sequence >= from)
        .slice(0, limit),
    issuers: async (limit) =>
      entries()
        .filter(({ action }) => issuerActions.some((one) => one === action))
        .reverse()
        .slice(0, limit),
    erasePersonal: async (selector, event) => {
      let fields = 0;
      for (const [index, entry] of entries().entries()) {
        const names = selects(selector, entry.personal);
        if (names.length === 0) continue;
        fields += names.length;
        chained[index] = { ...entry, personal: withoutValues(entry.personal, names) };
      }
      written.push({ ...event, facts: { ...event.facts, fields } });
      return fields;
    },
  };
}
