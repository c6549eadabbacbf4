/** An endpoint as a witness of the authority's audit log: remembers the last head that was signed, and says so when the log is another. */
import type { Clock } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import type { FeedAuditHead, FeedMessage } from '../../identity/revocation/index.ts';
import type { AuditMemory, RememberedHead } from './audit-memory.ts';
import type { FeedEventListener } from './feed-event.ts';

/** How often at most it is written down. Own choice: what is lost by a crash is a minute of the log, for this one of many witnesses. */
const saveEveryMs = 60_000;

/** Characters of a message that is kept as evidence: a heartbeat has about 1,000, a state may have millions. */
const longestEvidence = 64 * 1024;

export interface AuditWitnessOptions {
  readonly memory: AuditMemory | undefined;
  /** Lower-case hex SHA-256 of the root of the authority that is followed. */
  readonly authority: string;
  readonly clock: Clock;
  readonly tell: FeedEventListener;
}

export class AuditWitness {
  readonly #options: AuditWitnessOptions;
  #last: RememberedHead | undefined;
  #saved: RememberedHead | undefined;
  #savedAtMs = Number.NEGATIVE_INFINITY;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: AuditWitnessOptions) {
    this.#options = options;
  }

  /** What to ask the authority about. */
  get remembers(): FeedAuditHead | undefined {
    return this.#last;
  }

  async load(): Promise<void> {
    const { memory, authority, tell } = this.#options;
    try {
      const head = await memory?.load();
      // Another authority's log is none of this one's business.
      if (head?.authority === authority) this.#saved = this.#last = head;
    } catch (error) {
      tell({ type: 'audit-not-remembered', error });
    }
  }

  /** @param text the message as it was signed */
  see(message: FeedMessage, text: string): void {
    const { clock } = this.#options;
    const refusal = this.#contradictionIn(message);
    const before = this.#last;
    if (refusal !== undefined && before !== undefined) this.#raise(refusal, { earlier: before.message, later: text });
    // What cannot be kept as evidence is not remembered: the next heartbeat is.
    if (text.length > longestEvidence) return;
    const { authority, audit, at } = message;
    this.#last = { authority, sequence: audit.sequence, hash: audit.hash, atMs: at, message: text };
    if (clock.monotonic() - this.#savedAtMs >= saveEveryMs) this.#save();
  }

  /** Writes down what is not yet. */
  async close(): Promise<void> {
    this.#save();
    await this.#writing;
  }

  #contradictionIn({ audit, auditAnswer }: FeedMessage): Refusal | undefined {
    if (this.#last === undefined) return undefined;
    const { sequence, hash: remembered } = this.#last;
    const found = auditAnswer?.sequence === sequence ? (auditAnswer.hash ?? 'none') : undefined;
    if (found === 'none' || audit.sequence < sequence)
      return new Refusal('CS-AUDIT-002', { remembered: sequence, found: audit.sequence });
    const other = found ?? (audit.sequence === sequence ? audit.hash : remembered);
    return other === remembered ? undefined : new Refusal('CS-AUDIT-001', { sequence, remembered, found: other });
  }

  #raise(refusal: Refusal, evidence: { earlier: string; later: string }): void {
    const { memory, clock, tell } = this.#options;
    tell({ type: 'audit-contradicted', refusal, evidence });
    if (memory !== undefined) this.#write(() => memory.keepEvidence(evidence, clock.now()));
  }

  #save(): void {
    const { memory, clock } = this.#options;
    const head = this.#last;
    if (memory === undefined || head === undefined || head === this.#saved) return;
    this.#saved = head;
    this.#savedAtMs = clock.monotonic();
    this.#write(() => memory.save(head));
  }

  #write(act: () => Promise<void>): void {
    const { tell } = this.#options;
    this.#writing = this.#writing.then(act).catch((error: unknown) => tell({ type: 'audit-not-remembered', error }));
  }
}
