/** Checks a log entry by entry, and names by its number what was changed, replaced, dropped, inserted, reordered or cut off. */
import { type AuditEntry, type AuditHead, firstHead, headOf } from './audit-entry.ts';
import { entryHash } from './encode-entry.ts';
import { fitsItsHash, isErased } from './personal-field.ts';

/** Somebody outside of the log who remembers what stood in it. */
export interface AuditWitness {
  /** For people: a file, an endpoint. */
  readonly name: string;
  readonly sequence: number;
  /** Absent where only the number is known. */
  readonly hash?: string | undefined;
}

export type AuditFinding =
  /** Its contents are not those that its hash was made of. */
  | { readonly kind: 'changed'; readonly sequence: number }
  /** The value is not the one whose hash stands in the chain. */
  | { readonly kind: 'personal-changed'; readonly sequence: number; readonly field: string }
  /** Sound in itself, but another than the one that the next entry was chained to. */
  | { readonly kind: 'replaced'; readonly sequence: number }
  /** Missing, from `sequence` to `through`. */
  | { readonly kind: 'dropped'; readonly sequence: number; readonly through: number }
  /** A second one with a number that is taken. */
  | { readonly kind: 'inserted'; readonly sequence: number }
  /** In another place than its number says. */
  | { readonly kind: 'reordered'; readonly sequence: number }
  /** Missing at the end, where a witness has seen an entry. */
  | { readonly kind: 'truncated'; readonly sequence: number; readonly through: number; readonly witness: string }
  /** More personal fields are erased than the entries about erasing say; told of at the end of the log. */
  | { readonly kind: 'erased-unrecorded'; readonly sequence: number; readonly fields: number }
  /** A witness remembers another entry with this number; `agrees` is the latest number before it on which one agrees with the log. */
  | { readonly kind: 'contradicted'; readonly sequence: number; readonly witness: string; readonly agrees: number };

export interface AuditReport {
  /** How many were looked at. */
  readonly entries: number;
  readonly head: AuditHead;
  readonly findings: readonly AuditFinding[];
  /** Personal fields that were erased; their hashes are in the chain, which is as sound as before. */
  readonly erased: number;
  /** Numbers that a restored backup has left out, as the entry after them says. */
  readonly leftOut: readonly { readonly sequence: number; readonly through: number }[];
}

export interface ChainVerifierOptions {
  /** Where the entries begin: after a head that was checked before, or anywhere (a part of a log). Default: at the first of all. */
  readonly from?: AuditHead | 'anywhere';
  readonly witnesses?: readonly AuditWitness[];
}

interface Gap {
  readonly sequence: number;
  readonly through: number;
}

/** Findings that are kept: a log whose every entry is changed is told of in some lines as well. */
const mostFindings = 1000;

export class ChainVerifier {
  readonly #witnesses: readonly AuditWitness[];
  readonly #findings: AuditFinding[] = [];
  readonly #leftOut: Gap[] = [];
  readonly #whole: boolean;
  #gaps: Gap[] = [];
  #last: AuditHead | undefined;
  #entries = 0;
  #erased = 0;
  #erasedByRecord = 0;
  #agrees = 0;

  constructor({ from = firstHead, witnesses = [] }: ChainVerifierOptions = {}) {
    this.#whole = from !== 'anywhere' && from.sequence === 0;
    this.#last = from === 'anywhere' ? undefined : from;
    this.#witnesses = [...witnesses].sort((a, b) => a.sequence - b.sequence);
  }

  push(entry: AuditEntry): void {
    this.#entries += 1;
    this.#look(entry);
    this.#place(entry);
    for (const witness of this.#witnesses) if (witness.sequence === entry.sequence) this.#hear(witness, entry.hash);
  }

  /** After the last entry. */
  end(): AuditReport {
    const head = this.#last ?? firstHead;
    for (const { sequence, through } of this.#gaps) this.#find({ kind: 'dropped', sequence, through });
    for (const witness of this.#witnesses) {
      if (witness.sequence <= head.sequence) continue;
      const { name, sequence: through } = witness;
      this.#find({ kind: 'truncated', sequence: head.sequence + 1, through, witness: name });
    }
    // A part of a log may lack the entries that tell of it.
    const unrecorded = this.#whole ? this.#erased - this.#erasedByRecord : 0;
    if (unrecorded > 0) this.#find({ kind: 'erased-unrecorded', sequence: head.sequence, fields: unrecorded });
    const findings = [...this.#findings].sort((a, b) => a.sequence - b.sequence);
    return { entries: this.#entries, head, findings, erased: this.#erased, leftOut: this.#leftOut };
  }

  /** The entry for itself. */
  #look(entry: AuditEntry): void {
    for (const [field, value] of Object.entries(entry.personal)) {
      if (isErased(value)) this.#erased += 1;
      else if (!fitsItsHash(value)) this.#find({ kind: 'personal-changed', sequence: entry.sequence, field });
    }
    const { fields } = entry.facts;
    if (entry.action === 'personal.erase' && typeof fields === 'number') this.#erasedByRecord += fields;
    if (entryHash(entry) !== entry.hash) this.#find({ kind: 'changed', sequence: entry.sequence });
  }

  /** The entry among the others. */
  #place(entry: AuditEntry): void {
    const { sequence, previous } = entry;
    const last = this.#last;
    if (last !== undefined && sequence <= last.sequence) {
      this.#findBehind(sequence);
      return;
    }
    const expected = (last?.sequence ?? sequence - 1) + 1;
    if (sequence > expected) this.#skip({ sequence: expected, through: sequence - 1 }, entry);
    else if (last !== undefined && previous !== last.hash) this.#find({ kind: 'replaced', sequence: last.sequence });
    this.#last = headOf(entry);
  }

  /** Its number was passed already: either it was missed there, or there was one. */
  #findBehind(sequence: number): void {
    const gap = this.#gaps.find((one) => one.sequence <= sequence && sequence <= one.through);
    if (gap === undefined) {
      this.#find({ kind: 'inserted', sequence });
      return;
    }
    this.#find({ kind: 'reordered', sequence });
    const parts = [
      { sequence: gap.sequence, through: sequence - 1 },
      { sequence: sequence + 1, through: gap.through },
    ].filter((part) => part.sequence <= part.through);
    this.#gaps = [...this.#gaps.filter((one) => one !== gap), ...parts];
  }

  /** A restored backup says which number was its last, and is chained to that one. */
  #skip(gap: Gap, { action, facts, previous }: AuditEntry): void {
    const declared =
      action === 'backup.restore' && facts['resumesAfter'] === gap.sequence - 1 && previous === this.#last?.hash;
    if (declared) this.#leftOut.push(gap);
    else this.#gaps.push(gap);
  }

  #hear({ name, sequence, hash }: AuditWitness, found: string): void {
    if (hash === undefined) return;
    if (hash === found) this.#agrees = sequence;
    else this.#find({ kind: 'contradicted', sequence, witness: name, agrees: this.#agrees });
  }

  #find(finding: AuditFinding): void {
    if (this.#findings.length < mostFindings) this.#findings.push(finding);
  }
}

export function verifyChain(entries: Iterable<AuditEntry>, options: ChainVerifierOptions = {}): AuditReport {
  const verifier = new ChainVerifier(options);
  for (const entry of entries) verifier.push(entry);
  return verifier.end();
}
