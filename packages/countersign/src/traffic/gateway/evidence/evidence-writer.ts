/** Writes decisions down at intervals; where that fails requests go on, what was decided is kept as long as it fits, and the gap is written when it ends. */
import type { Clock, Timer } from '../../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { decisionField, evidenceActions } from './evidence-event.ts';
import { decisionText } from './decision.ts';
import { DecisionTally } from './decision-tally.ts';
import { EvidenceChain, type EvidenceNote, type LeftBehind } from './evidence-chain.ts';
import { haltedTryMs } from './halt.ts';

export interface EvidenceWriterOptions {
  readonly clock: Clock;
  readonly folder: string;
  readonly keepDays: number;
  readonly onTrouble: (refusal: Refusal) => void;
  /** It can not be written, or can be again. */
  readonly onTurn?: () => void;
  /** Default a minute. */
  readonly everyMs?: number;
}

export interface EvidenceStatus {
  readonly folder: string;
  /** SHA-256 of the public key that signs, lower-case hex: what an auditor compares. */
  readonly key: string;
  readonly sequence: number;
  readonly hash: string;
  /** Since when nothing could be written. */
  readonly failingSinceMs: number | undefined;
}

/** Own choice: what a crash loses at most, and how fine the times of an entry are. */
export const evidenceEveryMs = 60_000;

interface Gap {
  readonly sinceMs: number;
  readonly reason: string;
}

export class EvidenceWriter {
  readonly folder: string;
  readonly tally: DecisionTally = new DecisionTally();
  keepDays: number;
  readonly #options: EvidenceWriterOptions;
  #chain: EvidenceChain;
  #reopen = false;
  readonly #notes: EvidenceNote[] = [];
  #gap: Gap | undefined;
  #timer: Timer | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isAwaited = false;
  #begun = false;
  #closed = false;

  private constructor(chain: EvidenceChain, options: EvidenceWriterOptions) {
    this.#chain = chain;
    this.#options = options;
    this.folder = options.folder;
    this.keepDays = options.keepDays;
  }

  /** Nothing is written yet. @throws CS-GATEWAY-091, CS-FILE-... where the folder can not be used */
  static async open(options: EvidenceWriterOptions): Promise<EvidenceWriter> {
    const writer = new EvidenceWriter(await EvidenceChain.open(options.folder), options);
    writer.#notes.push({ action: evidenceActions.begin, facts: { ...writer.#chain.keyFacts } });
    writer.#takeLeft(writer.#chain.left, true);
    return writer;
  }

  get status(): EvidenceStatus {
    const { folder, keyId, head } = this.#chain;
    return {
      folder,
      key: keyId,
      sequence: head.sequence,
      hash: head.hash,
      failingSinceMs: this.#gap?.sinceMs,
    };
  }

  /** Why nothing can be written; `undefined` where it can. */
  get failing(): string | undefined {
    return this.#gap?.reason;
  }

  /** Whether requests are refused as long as it fails: then it is tried again soon. */
  set isAwaited(is: boolean) {
    if (is === this.#isAwaited) return;
    this.#isAwaited = is;
    if (this.failing !== undefined) this.#later();
  }

  /** From now on it writes at intervals. */
  begin(): void {
    this.#begun = true;
    void this.flush();
    this.#later();
  }

  /** What was decided until now; never rejects. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  /** Of who ended before it had told all. */
  gap(reason: string, sinceMs: number): void {
    const untilMs = this.#options.clock.now();
    this.#notes.push({ action: evidenceActions.gap, facts: { reason, since: Math.floor(sinceMs), until: untilMs } });
  }

  /** Writes what there is, and that it has ended. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    await this.#writing;
    this.#notes.push({ action: evidenceActions.end });
    await this.flush();
  }

  /** After an addition: more than half of what fits is there. */
  relieve(): void {
    if (this.tally.isFilling && this.#gap === undefined && !this.#closed) void this.flush();
  }

  #later(): void {
    this.#timer?.cancel();
    if (this.#closed || !this.#begun) return;
    const { clock, everyMs = evidenceEveryMs } = this.#options;
    const soon = this.#isAwaited && this.failing !== undefined;
    const nextMs = soon ? Math.min(haltedTryMs, everyMs) : everyMs;
    this.#timer = clock.after(nextMs, () => void this.flush().then(() => this.#later()), { unref: true });
  }

  async #write(): Promise<void> {
    const { clock } = this.#options;
    const { decisions, lost } = this.tally.take();
    const now = clock.now();
    let own: readonly EvidenceNote[] = [];
    try {
      if (this.#reopen) await this.#openAgain();
      own = this.#notes.splice(0);
      const isEnd = ({ action }: EvidenceNote): boolean => action === evidenceActions.end;
      const notes = [
        ...own.filter((note) => !isEnd(note)),
        ...decisions.map((decision) => noteOf(decision)),
        ...this.#gapNotes(now, lost),
        ...own.filter(isEnd),
      ];
      if (notes.length > 0) await this.#chain.append(notes, now, this.keepDays);
      this.#turn(undefined);
    } catch (error) {
      this.#notes.unshift(...own);
      for (const decision of decisions) this.tally.merge(decision);
      this.tally.lose(lost);
      this.#fail(error, now);
      return;
    }
    try {
      await this.#chain.live(now);
    } catch (error) {
      // The entries are written; that somebody could cut them off unseen is told.
      this.#tell(error);
    }
  }

  #gapNotes(now: number, lost: number): readonly EvidenceNote[] {
    if (this.#gap === undefined && lost === 0) return [];
    const { sinceMs = now, reason = 'more different decisions than are remembered' } = this.#gap ?? {};
    const facts = { reason, since: sinceMs, until: now, lost };
    return [{ action: evidenceActions.gap, facts }];
  }

  #fail(error: unknown, now: number): void {
    this.#reopen = true;
    const reason = reasonOf(error);
    const isNews = this.#gap?.reason !== reason;
    this.#turn({ sinceMs: this.#gap?.sinceMs ?? now, reason });
    if (isNews) this.#tell(error);
  }

  #turn(gap: Gap | undefined): void {
    const before = this.failing;
    this.#gap = gap;
    if (this.failing === before) return;
    this.#later();
    this.#options.onTurn?.();
  }

  /** What was written in part is cut off; whatever else stands there is taken as it is. */
  async #openAgain(): Promise<void> {
    const before = this.#chain;
    await before.cutBack();
    this.#chain = await EvidenceChain.open(this.folder, before.head.sequence);
    this.#reopen = false;
    if (this.#chain.keyId !== before.keyId || this.#chain.head.hash !== before.head.hash)
      this.#notes.push({ action: evidenceActions.begin, facts: { ...this.#chain.keyFacts } });
    this.#takeLeft(this.#chain.left, false);
  }

  #takeLeft({ tornBytes, missing, unendedSinceMs }: LeftBehind, isStart: boolean): void {
    const now = this.#options.clock.now();
    const note = (reason: string, more: EvidenceNote['facts'] = {}): void => {
      const since = Math.min(unendedSinceMs ?? now, now);
      this.#notes.push({ action: evidenceActions.gap, facts: { reason, since, until: now, ...more } });
      const { folder } = this;
      this.#options.onTrouble(new Refusal('CS-GATEWAY-092', { folder, what: reason, tornBytes }));
    };
    if (missing !== undefined)
      note('entries are missing at the end', { missingFrom: missing.sequence, missingThrough: missing.through });
    else if (isStart && unendedSinceMs !== undefined)
      note('ended without writing what was decided last', { tornBytes });
    else if (isStart && tornBytes > 0) note('the last entry was not written to its end', { tornBytes });
  }

  #tell(error: unknown): void {
    const { folder } = this;
    this.#options.onTrouble(new Refusal('CS-GATEWAY-090', { folder, reason: reasonOf(error) }, { cause: error }));
  }
}

function noteOf(decision: Parameters<typeof decisionText>[0]): EvidenceNote {
  return { action: evidenceActions.decision, personal: { [decisionField]: decisionText(decision) } };
}

function reasonOf(error: unknown): string {
  if (!isRefusal(error)) return error instanceof Error ? error.message : String(error);
  const { evidence } = error;
  const reason = 'reason' in evidence ? evidence['reason'] : 'problem' in evidence ? evidence['problem'] : error.title;
  return String(reason);
}
