/**
 * What an auditor is given of the log: every entry of a time, so that the chain can be followed, with the personal values of those entries alone that are
 * about one name; of the others their hashes stay, which the chain is made of.
 */
import type { AuditEntry } from './audit-entry.ts';
import { mentions, withoutValues } from './personal-field.ts';

export interface EvidenceSubject {
  /** The partner's name, as the facts of entries give it. */
  readonly partner: string;
  /** As its certificates are named. */
  readonly spiffeId: string;
}

export interface EvidenceEntry {
  readonly entry: AuditEntry;
  readonly about: boolean;
}

/** Entries in their order, from the first of the log on: which serial numbers are the partner's, earlier ones say. */
export class EvidenceSelection {
  readonly #subject: EvidenceSubject;
  readonly #serials = new Set<string>();

  constructor(subject: EvidenceSubject) {
    this.#subject = subject;
  }

  select(entry: AuditEntry): EvidenceEntry {
    if (this.#isAbout(entry)) {
      const { serial } = entry.facts;
      if (typeof serial === 'string') this.#serials.add(serial);
      return { entry, about: true };
    }
    return { entry: { ...entry, personal: withoutValues(entry.personal, Object.keys(entry.personal)) }, about: false };
  }

  #isAbout({ facts, personal }: AuditEntry): boolean {
    const { partner, spiffeId } = this.#subject;
    if (facts['partner'] === partner) return true;
    if (Object.values(personal).some(({ value }) => value !== undefined && mentions(value, spiffeId))) return true;
    return Object.values(facts).some((fact) =>
      Array.isArray(fact) ? fact.some((one) => this.#serials.has(String(one))) : this.#serials.has(String(fact)),
    );
  }
}
