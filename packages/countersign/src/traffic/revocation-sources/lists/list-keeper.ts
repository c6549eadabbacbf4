/** Keeps the lists of one source: reads it ahead of their end, takes what may be taken, and says when they ran out. */
import { toRfc3339, type Clock, type Timer } from '../../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { listFreshUntil, listName } from '../../../identity/revocation/index.ts';
import type { CertificateList } from '../../../identity/x509/index.ts';
import type { StatusEvidence } from '../../../runtime/tls/index.ts';
import type { Random } from '../backoff.ts';
import { untilNextFetchMs, untilRetryMs, warnAheadMs } from './fetch-times.ts';
import type { ListCache } from './list-cache.ts';
import type { ListContent, ListReader } from './list-reader.ts';
import type { ListSigners } from './list-signers.ts';
import { readLists } from './read-lists.ts';
import { type AdmissionLimits, SourceLists } from './source-lists.ts';

export interface KeeperContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly signers: ListSigners;
  readonly mostBytes: number;
  readonly mostAgeMs: number | undefined;
  readonly clockDifferenceMs: number;
  readonly fetchEveryMs: number;
  readonly lookEveryMs: number;
  readonly cache: ListCache | undefined;
  readonly warn: (refusal: Refusal) => void;
  /** The deltas, of whatever source, that change it. */
  readonly deltasOf: (list: CertificateList) => readonly CertificateList[];
  /** Other lists are held than before, or answers of these changed with time. */
  readonly changed: (lists: readonly CertificateList[]) => void;
}

/** The wall clock is looked at so often, since it may be set while a timer waits. */
const longestSleepMs = 60_000;

/** Less is a clock being corrected, which changes no answer that matters. Own choice. */
const leastSetBackMs = 1000;

/** A cache that is fresh is not fetched anew at once: a whole cluster may be starting. */
const startSpreadMs = 60_000;

/** Beside the codes and the ends of lists under which is remembered what was told. */
const cacheTold = 'cache';

export class ListKeeper {
  readonly reader: ListReader;
  readonly lists: SourceLists = new SourceLists();
  /** By the clock of the endpoint. */
  usedAt = 0;
  readonly #context: KeeperContext;
  readonly #ending: AbortController = new AbortController();
  #running: Promise<void> | undefined;
  #timer: Timer | undefined;
  #failures = 0;
  #failure: Refusal | undefined;
  /** Of the content that a file still has. */
  #refused: Refusal | undefined;
  #fetchedAt: number | undefined;
  #nextFetchAt: number;
  #lastLook: number;
  readonly #told: Set<string> = new Set();
  #ranOut: Set<CertificateList> = new Set();

  constructor(reader: ListReader, context: KeeperContext) {
    this.reader = reader;
    this.#context = context;
    this.#lastLook = context.clock.now();
    this.#nextFetchAt = this.#lastLook;
  }

  /** Reads what was kept, then the source. */
  start(): Promise<void> {
    return (this.#running ??= this.#ended(this.#restoreAndRefresh()));
  }

  /** What is running, or another reading. */
  refresh(): Promise<void> {
    return (this.#running ??= this.#ended(this.#refresh()));
  }

  get running(): Promise<void> | undefined {
    return this.#running;
  }

  /** Whether a question that found no answer is a reason to read now: not where it just failed. */
  wantsReading(now: number): boolean {
    if (this.#running !== undefined) return true;
    const until = this.#freshUntil();
    return (until === undefined || until < now) && (this.#failures === 0 || now >= this.#nextFetchAt);
  }

  async judgeAgain(): Promise<void> {
    const before = this.lists.all;
    const hadPending = this.lists.hasPending;
    const refusal = await this.lists.judgeAgain(this.#context.signers, this.#limits());
    if (refusal !== undefined) {
      this.reader.forget();
      this.#failed(refusal);
    } else if (hadPending && !this.lists.hasPending) await this.#keep(undefined);
    this.#changedFrom(before);
    if (this.#running === undefined) this.#arm();
  }

  evidence(): StatusEvidence[] {
    const shown = this.lists.current;
    const about = (list: CertificateList | undefined): StatusEvidence => ({
      ...{ means: 'crl', source: this.reader.name, issuer: list?.issuer.text, thisUpdate: list?.thisUpdate },
      nextUpdate: list?.nextUpdate,
      freshUntil: list === undefined ? undefined : listFreshUntil(list, this.#times()),
      ...{ fetchedAt: this.#fetchedAt, nextFetchAt: this.#nextFetchAt, failure: this.#failure },
    });
    return shown.length === 0 ? [about(undefined)] : shown.map(about);
  }

  close(): void {
    this.#ending.abort();
    this.#timer?.cancel();
  }

  async #ended(work: Promise<void>): Promise<void> {
    try {
      await work;
    } finally {
      this.#running = undefined;
      this.#arm();
    }
  }

  async #restoreAndRefresh(): Promise<void> {
    const { cache, mostBytes, signers, random } = this.#context;
    const kept = await cache?.load(this.reader.name);
    if (kept !== undefined) {
      try {
        await this.lists.restore(await readLists(kept.bytes, mostBytes), signers);
      } catch (error) {
        this.#context.warn(asRefusal(error));
      }
      const [list] = this.lists.good;
      this.#changedFrom([]);
      const { note } = kept;
      const isNoted = note !== undefined && note.bytes === kept.bytes.length && note.thisUpdate === list?.thisUpdate;
      if (isNoted) this.reader.resume(note);
      const now = this.#now();
      if (isNoted && (this.#freshUntil() ?? now) > now && note.fetchedAt <= now) {
        this.#fetchedAt = note.fetchedAt;
        const left = (this.#freshUntil() ?? now) - now;
        this.#nextFetchAt = now + Math.round(random() * Math.min(startSpreadMs, left / 8));
        return;
      }
    }
    await this.#refresh();
  }

  async #refresh(): Promise<void> {
    const before = this.lists.all;
    try {
      const content = await this.reader.read(this.#ending.signal);
      if (content.kind === 'content') await this.#take(content);
      if (content.kind === 'unchanged' && this.#refused !== undefined) this.#failed(this.#refused);
      else this.#succeeded(content.cacheMs);
    } catch (error) {
      if (this.#ending.signal.aborted) return;
      this.#failed(asRefusal(error));
    }
    this.#changedFrom(before);
  }

  async #take(content: ListContent & { kind: 'content' }): Promise<void> {
    try {
      const came = await readLists(content.bytes, this.#context.mostBytes);
      await this.lists.admit(came, this.#context.signers, this.#limits());
      this.#refused = undefined;
      // Nobody would give the right list to who asks whether a forged one still stands.
      if (!this.lists.hasPending || this.reader.kind === 'file') content.taken();
    } catch (error) {
      const refusal = asRefusal(error);
      // What is to come becomes right by waiting; all else stays wrong until the file changes.
      if (this.reader.kind === 'file' && refusal.code !== 'CS-CRL-005') {
        content.taken();
        this.#refused = refusal;
      }
      throw refusal;
    }
    await this.#keep(content);
  }

  /** Puts what is verified into the cache. */
  async #keep(content: (ListContent & { kind: 'content' }) | undefined): Promise<void> {
    const { cache } = this.#context;
    const [list] = this.lists.good;
    if (cache === undefined || list === undefined || this.lists.hasPending || this.reader.kind === 'file') return;
    const { etag, lastModified } = content?.validators ?? {};
    try {
      await cache.save(this.reader.name, list.raw, {
        ...{ thisUpdate: list.thisUpdate, fetchedAt: this.#now() },
        ...(etag === undefined ? {} : { etag }),
        ...(lastModified === undefined ? {} : { lastModified }),
      });
    } catch (error) {
      this.#tell(cacheTold, asRefusal(error));
    }
  }

  #succeeded(cacheMs: number | undefined): void {
    const { random, fetchEveryMs } = this.#context;
    const now = this.#now();
    const leftMs = (this.#freshUntil() ?? now) - now;
    this.#fetchedAt = now;
    this.#failure = undefined;
    this.#failures = leftMs > 0 ? 0 : this.#failures + 1;
    const still = `${this.#freshUntil() ?? ''} `;
    for (const told of [...this.#told]) if (!told.startsWith(still) && told !== cacheTold) this.#told.delete(told);
    this.#nextFetchAt =
      now +
      (leftMs > 0
        ? untilNextFetchMs({ leftMs, fetchEveryMs, cacheMs }, random)
        : untilRetryMs(this.#failures, leftMs, random));
  }

  #failed(refusal: Refusal): void {
    const now = this.#now();
    const until = this.#freshUntil();
    this.#failure = refusal;
    this.#failures++;
    this.#nextFetchAt = now + untilRetryMs(this.#failures, until === undefined ? 0 : until - now, this.#context.random);
    // What does not answer is told when it matters; what answers with the wrong thing, at once.
    if (!/^CS-(?:FETCH|FILE)-/.test(refusal.code)) this.#tell(refusal.code, refusal);
    if (until !== undefined) return;
    this.#tell('CS-CRL-034', new Refusal('CS-CRL-034', { source: this.reader.name, reason: refusal.message }));
  }

  #tell(key: string, refusal: Refusal): void {
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#context.warn(refusal);
  }

  /** Whatever is due by the wall clock, and the timer for what will be. */
  #look(): void {
    if (this.#ending.signal.aborted) return;
    const now = this.#now();
    const wentBack = now < this.#lastLook - leastSetBackMs;
    this.#lastLook = now;
    // A list may be from the future now.
    if (wentBack && this.lists.all.length > 0) this.#context.changed(this.lists.all);
    this.#lookAtLife(now);
    const since = this.#fetchedAt ?? now;
    if (now >= this.#nextFetchAt || (wentBack && now < since)) void this.refresh();
    else if (this.#running === undefined) this.#arm();
  }

  #arm(): void {
    if (this.#ending.signal.aborted) return;
    this.#timer?.cancel();
    const now = this.#now();
    this.#lookAtLife(now);
    const moments = [this.#nextReading(), ...this.#lifeMoments()].filter((moment) => moment > now);
    const sleepMs = Math.max(1, Math.min(longestSleepMs, ...moments.map((moment) => moment - now)));
    const { clock } = this.#context;
    this.#timer = clock.after(this.#nextReading() <= now ? 1 : sleepMs, () => this.#look(), { unref: true });
  }

  #nextReading(): number {
    if (this.reader.kind === 'file')
      this.#nextFetchAt = Math.min(this.#nextFetchAt, this.#now() + this.#context.lookEveryMs);
    return this.#nextFetchAt;
  }

  /** When something is to be told: a millisecond after each list's end, and the warning ahead of the first. */
  #lifeMoments(): number[] {
    const ends = this.lists.all.map((list) => listFreshUntil(list, this.#times()) + 1);
    const warning = this.#warningMoment();
    return (warning === undefined ? ends : [...ends, warning]).filter((moment) => Number.isFinite(moment));
  }

  #warningMoment(): number | undefined {
    const list = this.#first();
    if (list === undefined) return undefined;
    const until = this.#endOf(list);
    return until - warnAheadMs(until - list.thisUpdate, this.#failure !== undefined);
  }

  #lookAtLife(now: number): void {
    const out = new Set(this.lists.all.filter((list) => listFreshUntil(list, this.#times()) < now));
    const before = this.#ranOut;
    this.#ranOut = out;
    // In both directions: a clock that is set back makes a list fresh again.
    const turned = this.lists.all.filter((list) => out.has(list) !== before.has(list));
    const list = this.#first();
    if (list !== undefined) this.#tellOfLife(now, this.#endOf(list), list);
    if (turned.length > 0) this.#context.changed(turned);
  }

  #tellOfLife(now: number, until: number, list: CertificateList): void {
    const evidence = {
      source: this.reader.name,
      list: listName(list),
      until: Number.isFinite(until) ? toRfc3339(until) : 'not said',
      reason: this.#failure?.message ?? 'the source has no newer one',
    };
    const key = `${this.#freshUntil() ?? ''} `;
    if (until < now) this.#tell(`${key}out`, new Refusal('CS-CRL-033', evidence));
    else if (now >= (this.#warningMoment() ?? until)) this.#tell(`${key}soon`, new Refusal('CS-CRL-032', evidence));
  }

  /** The list that is of no more use first. */
  #first(): CertificateList | undefined {
    const [first, ...others] = this.lists.current;
    return others.reduce((least, list) => (least && this.#endOf(list) < this.#endOf(least) ? list : least), first);
  }

  /** A list past its time is of use for as long as changes to it are of theirs (RFC 5280, 6.3.3 (a) (1) (i)). */
  #endOf(list: CertificateList): number {
    const times = this.#times();
    const ends = [list, ...this.#context.deltasOf(list)].map((one) => listFreshUntil(one, times));
    return Math.max(...ends);
  }

  #changedFrom(before: readonly CertificateList[]): void {
    const after = this.lists.all;
    const differing = [
      ...after.filter((one) => !before.includes(one)),
      ...before.filter((one) => !after.includes(one)),
    ];
    if (differing.length > 0) this.#context.changed(differing);
  }

  #freshUntil(): number | undefined {
    return this.lists.freshUntil(this.#times());
  }

  #times(): { at: number; mostAgeMs?: number } {
    const { mostAgeMs } = this.#context;
    return mostAgeMs === undefined ? { at: 0 } : { at: 0, mostAgeMs };
  }

  #limits(): AdmissionLimits {
    const { clockDifferenceMs } = this.#context;
    return { now: this.#now(), clockDifferenceMs, source: this.reader.name, single: this.reader.kind === 'url' };
  }

  #now(): number {
    return this.#context.clock.now();
  }
}

function asRefusal(error: unknown): Refusal {
  if (isRefusal(error)) return error;
  // Nobody waits for what a timer began, and what was fetched must not end the process.
  return new Refusal('CS-CRL-001', { rule: 'reading it failed' }, { cause: error });
}
