/** The chain of a gateway's evidence as it is written: entries appended to the day's file in one go, with a signed checkpoint at their end, on disk when it is told so. */
import { open, rm, truncate } from 'node:fs/promises';
import { toRfc3339 } from '../../../ground/clock/index.ts';
import { toBase64 } from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import {
  type AuditEntry,
  type AuditFacts,
  type AuditHead,
  type AuditPersonal,
  chain,
  firstHead,
  headOf,
  toAuditLine,
} from '../../../runtime/audit/index.ts';
import { syncDirectory, systemCode, writeFailure } from '../../../runtime/config/index.ts';
import { pooledRandomBytes, type PrivateKey, sha256Hex } from '../../../runtime/cryptography/index.ts';
import { checkpointBytes, evidenceActions } from './evidence-event.ts';
import { cutToEnd, dayFile, daysIn, evidenceKey, parseEntry, readHead, sizeOf, writeHead } from './evidence-folder.ts';

export interface EvidenceNote {
  readonly action: (typeof evidenceActions)[keyof typeof evidenceActions];
  readonly facts?: AuditFacts;
  readonly personal?: AuditPersonal;
}

/** What an earlier run has left behind. */
export interface LeftBehind {
  readonly tornBytes: number;
  /** Numbers that were given, and whose entries are gone. */
  readonly missing: { readonly sequence: number; readonly through: number } | undefined;
  /** It ended without saying so: until when it was alive for sure. */
  readonly unendedSinceMs: number | undefined;
}

const dayOf = (ms: number): string => toRfc3339(ms).slice(0, 10);
const dayMs = 86_400_000;
const randomSalts = pooledRandomBytes();

export class EvidenceChain {
  readonly folder: string;
  /** SHA-256 of its public key, lower-case hex. */
  readonly keyId: string;
  readonly left: LeftBehind;
  readonly #key: PrivateKey;
  #head: AuditHead;
  /** Above the head's where the end was removed: such numbers are not given again. */
  #counted: number;
  #day: string | undefined;
  #size = 0;
  #discarded: readonly string[] = [];
  /** What could not be written whole, and where it began. */
  #broken: { readonly path: string; readonly size: number } | undefined;

  private constructor(folder: string, key: PrivateKey, state: { head: AuditHead; counted: number; left: LeftBehind }) {
    this.folder = folder;
    this.#key = key;
    this.keyId = sha256Hex(key.publicKey.raw);
    this.left = state.left;
    this.#head = state.head;
    this.#counted = state.counted;
  }

  /** What a broken end leaves is cut off. @param countedBefore the highest number that is known to be given @throws CS-GATEWAY-091, CS-FILE-..., CS-KEY-001 */
  static async open(folder: string, countedBefore: number = 0): Promise<EvidenceChain> {
    const key = await evidenceKey(folder);
    const { last, day, tornBytes } = await cutToEnd(folder);
    const head = last === undefined ? firstHead : headOf(last);
    const remembered = await readHead(folder);
    const counted = Math.max(head.sequence, remembered?.sequence ?? 0, countedBefore);
    const missing = counted > head.sequence ? { sequence: head.sequence + 1, through: counted } : undefined;
    const unended = last !== undefined && last.facts['ends'] !== true;
    const aliveMs = Math.max(head.atMs, remembered?.at ?? 0);
    const left = { tornBytes, missing, unendedSinceMs: unended || missing !== undefined ? aliveMs : undefined };
    const opened = new EvidenceChain(folder, key, { head, counted, left });
    opened.#day = day;
    if (day !== undefined) opened.#size = await sizeOf(dayFile(folder, day));
    return opened;
  }

  get head(): AuditHead {
    return this.#head;
  }

  get keyFacts(): AuditFacts {
    return { key: this.keyId, publicKey: toBase64(this.#key.publicKey.raw) };
  }

  /**
   * All of them or none, and a checkpoint after them; on disk when it resolves.
   * @throws CS-FILE-004, CS-GATEWAY-091; then `cutBack`, and the folder is opened again
   */
  async append(notes: readonly EvidenceNote[], atMs: number, keepDays: number): Promise<void> {
    const today = dayOf(atMs);
    // A clock that went back goes on in the later file: the chain is in the order of the days.
    const day = this.#day === undefined || this.#day < today ? today : this.#day;
    const isNew = day !== this.#day;
    const head = this.#head;
    const entries: AuditEntry[] = [];
    let last = head;
    const add = ({ action, facts = {}, personal = {} }: EvidenceNote): void => {
      const sequence = Math.max(last.sequence, this.#counted) + 1;
      const entry = chain(last, { atMs, action, facts, personal }, randomSalts, sequence);
      entries.push(entry);
      last = headOf(entry);
    };
    if (isNew) add({ action: evidenceActions.day, facts: this.keyFacts });
    const discarded = isNew ? await this.#outlived(day, keepDays) : undefined;
    if (discarded !== undefined) add({ action: evidenceActions.discard, facts: discarded });
    notes.forEach(add);
    const signature = toBase64(this.#key.sign(checkpointBytes(last.sequence, last.hash)));
    const ends = notes.at(-1)?.action === evidenceActions.end;
    add({ action: evidenceActions.checkpoint, facts: { key: this.keyId, signature, ...(ends ? { ends } : {}) } });
    await this.#write(day, isNew, entries.map((entry) => `${JSON.stringify(toAuditLine(entry))}\n`).join(''));
    this.#head = last;
    this.#counted = last.sequence;
    if (discarded !== undefined) this.#discarded = discarded.days;
  }

  /** Says up to where it has written, and that it was there then. */
  async live(atMs: number): Promise<void> {
    for (const old of this.#discarded) await rm(dayFile(this.folder, old), { force: true });
    this.#discarded = [];
    const { sequence, hash } = this.#head;
    await writeHead(this.folder, { sequence, hash, at: atMs });
  }

  /** Of an append that failed: nothing of it stays, since its decisions will be written again. @throws CS-FILE-004 */
  async cutBack(): Promise<void> {
    if (this.#broken === undefined) return;
    const { path, size } = this.#broken;
    try {
      await truncate(path, size);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw writeFailure(error, path);
    }
    this.#broken = undefined;
  }

  async #write(day: string, isNew: boolean, text: string): Promise<void> {
    const path = dayFile(this.folder, day);
    const expected = isNew ? 0 : this.#size;
    try {
      const file = await open(path, 'a', 0o600);
      try {
        const { size } = await file.stat();
        // Another process writes here, or somebody cut it: what is there has to be looked at first.
        if (size !== expected) throw new Refusal('CS-GATEWAY-091', { path, problem: 'somebody else writes to it' });
        this.#broken = { path, size };
        await file.appendFile(text);
        await file.datasync();
        this.#broken = undefined;
      } finally {
        await file.close();
      }
      if (isNew) await syncDirectory(this.folder);
    } catch (error) {
      throw writeFailure(error, path);
    }
    this.#day = day;
    this.#size = expected + Buffer.byteLength(text);
  }

  /** Which days go, and the last number that goes with them. */
  async #outlived(day: string, keepDays: number): Promise<{ days: readonly string[]; through: number } | undefined> {
    const first = dayOf(Date.parse(`${day}T00:00:00Z`) - (keepDays - 1) * dayMs);
    const all = await daysIn(this.folder);
    const days = all.filter((one) => one < first);
    if (days.length === 0) return undefined;
    const kept = all.find((one) => one >= first);
    const next = kept === undefined ? undefined : await firstOf(dayFile(this.folder, kept));
    return { days, through: next === undefined ? this.#head.sequence : next.sequence - 1 };
  }
}

async function firstOf(path: string): Promise<AuditEntry | undefined> {
  const file = await open(path, 'r');
  try {
    for await (const line of file.readLines()) return parseEntry(line);
    return undefined;
  } finally {
    await file.close();
  }
}
