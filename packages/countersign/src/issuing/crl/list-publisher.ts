/** Keeps the lists of one issuer: made anew when something is revoked or a hold ends, and ahead of the end of those that nothing has changed. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Clock } from '../../ground/clock/index.ts';
import { type KeyCertificate, listFolder } from '../authority/index.ts';
import { DueTasks, mostSetBackMs } from './due-tasks.ts';
import type { ListOrder, PreparedList } from './list-builder.ts';
import { type Edition, openEditions, readListMemory, writeListMemory } from './list-memory.ts';
import { feedNumberOf, listNumber, nextPublication } from './list-numbers.ts';
import { type ListScope, scopeName, shardScopes, wholeScope } from './list-scope.ts';
import { type ListThread, startListThread } from './list-thread.ts';
import { ListShelf, type PublishedList } from './published-list.ts';
import type { RevokedRows, RowsCursor } from './revoked-rows.ts';

export interface ListPublisherOptions {
  readonly rows: RevokedRows;
  readonly issuer: Pick<KeyCertificate, 'facts' | 'issuerKey' | 'signList'>;
  /** The feed's number, which changes with each revocation and with the end of each hold. */
  readonly feedNumber: () => number;
  /** Of all issuers' lists; each has its own in it. */
  readonly folder: string;
  /** Under which the folder is for everybody, without a slash at its end; absent: lists do not say where they are. */
  readonly url: string | undefined;
  /** Into how many shards the certificates issued now are put. */
  readonly shards: number;
  /** From a list to its nextUpdate, in milliseconds; half of it later comes the next, whether something has changed or not. */
  readonly lifeMs: number;
  /** The same of delta lists. */
  readonly deltaLifeMs: number;
  readonly clock: Clock;
  /** Told what a person should look at; it is tried again. */
  readonly failed: (what: string, why: string) => void;
}

/** How the lists of one issuer are. */
export interface ListMeasure {
  /** Of the whole list. */
  readonly entries: number;
  /** Of the whole list, milliseconds since 1970. */
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
  /** How long the latest lists took, from what has changed to the files. */
  readonly builtInMs: number;
}

type Task = 'edition' | 'change' | 'deltas';

/** 5,000 rows are some 10 ms of the database's thread. Own choice. */
const rowsOfAPage = 5_000;

/** Beyond any serial number. */
const lastOfItsNumber = 'FF'.repeat(21);

/** After a failure. Own choice. */
const againMs = 5_000;

/** How many publications are noted ahead, so that a file is written once for so many. Own choice. */
const notedAhead = 1_000;

export class ListPublisher {
  readonly shelf: ListShelf = new ListShelf();
  #measure: Pick<ListMeasure, 'entries' | 'builtInMs'> | undefined;
  /** Resolves when the first lists are there. */
  readonly ready: Promise<void>;
  readonly #options: ListPublisherOptions;
  readonly #folderName: string;
  readonly #folder: string;
  readonly #pending = new Set<Task>();
  readonly #due: DueTasks<Task>;
  #isReady: () => void = () => undefined;
  #thread: ListThread | undefined;
  #scopes: readonly ListScope[] = [];
  #cursor: RowsCursor | undefined;
  /** Of this run. */
  #edition: Edition | undefined;
  /** Those that may not have ended, the oldest first, the runs' before too. */
  #editions: readonly Edition[] = [];
  #base = 0n;
  #shards: readonly number[] = [];
  #publication = 0;
  #noted = 0;
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  /** Whether something failed since the last edition: which lists are as they should be is not known then, and all are made. */
  #uncertain = true;
  #closed = false;

  constructor(options: ListPublisherOptions) {
    this.#options = options;
    this.#folderName = listFolder(options.issuer.facts.publicKey);
    this.#folder = join(options.folder, this.#folderName);
    this.#due = new DueTasks(options.clock, (task) => this.#ask(task));
    this.ready = new Promise((resolve) => (this.#isReady = resolve));
    this.#ask('edition');
  }

  /** Of the issuer's folder, in that of all lists. */
  get name(): string {
    return this.#folderName;
  }

  /** `undefined` until the first lists are there. */
  measure(): ListMeasure | undefined {
    const whole = this.shelf.list(`${this.#folderName}/${scopeName(wholeScope)}.crl`);
    if (whole === undefined || this.#measure === undefined) return undefined;
    const { thisUpdateMs, nextUpdateMs } = whole;
    return { ...this.#measure, thisUpdateMs, nextUpdateMs };
  }

  /** The feed has another number: something was revoked, or a hold has ended. */
  changed(): void {
    this.#ask('change');
  }

  /** Resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#due.cancel();
    this.#pending.clear();
    await this.#running;
    await this.#thread?.close();
  }

  /** Resolves when all that was asked for is published. */
  async settled(): Promise<void> {
    while (this.#isRunning || this.#pending.size > 0) await this.#running;
  }

  #ask(task: Task): void {
    if (this.#closed) return;
    this.#pending.add(task);
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    while (this.#pending.size > 0) {
      const tasks = [...this.#pending];
      this.#pending.clear();
      try {
        await this.#carryOut(tasks);
      } catch (error) {
        this.#tellFailure(error);
        this.#uncertain = true;
        if (this.#thread?.hasEnded === true) this.#thread = undefined;
        this.#later('edition', againMs);
      }
    }
    this.#isRunning = false;
  }

  #tellFailure(error: unknown): void {
    if (this.#closed) return;
    this.#options.failed('publishing revocation lists', error instanceof Error ? error.message : String(error));
  }

  #later(task: Task, ms: number): void {
    if (!this.#closed) this.#due.later(task, ms);
  }

  /** An edition has what has changed and the delta lists in it. */
  async #carryOut(tasks: readonly Task[]): Promise<void> {
    const { clock } = this.#options;
    const beganMs = clock.monotonic();
    if (this.#isAhead()) await this.#forget();
    const thread = this.#thread ?? (await this.#begin());
    const feedNumber = this.#options.feedNumber();
    await this.#catchUp(thread);
    const hasEnded = this.#nowMs() >= (this.#edition?.nextUpdateMs ?? 0);
    if (tasks.includes('edition') || this.#uncertain || hasEnded) await this.#publishEdition(thread, feedNumber);
    else if (!(await this.#publishBetween(thread, feedNumber, tasks.includes('deltas')))) return;
    this.#measure = { entries: await thread.ask('count'), builtInMs: clock.monotonic() - beganMs };
  }

  /** Whether the clock was set back since the edition was made: its lists are from the future, and nobody takes them. */
  #isAhead(): boolean {
    return (this.#edition?.thisUpdateMs ?? 0) > this.#options.clock.now() + mostSetBackMs;
  }

  /** Entries may have been dropped whose certificates had ended by that clock: all is read anew. */
  async #forget(): Promise<void> {
    await this.#thread?.close();
    [this.#thread, this.#edition, this.#uncertain] = [undefined, undefined, true];
  }

  async #begin(): Promise<ListThread> {
    const { issuer, rows, feedNumber, clock, lifeMs, shards } = this.#options;
    const { name, keyIdentifier, signatureAlgorithm } = issuer.facts;
    await mkdir(this.#folder, { recursive: true });
    const memory = await readListMemory(this.#folder);
    this.#publication = memory.publication;
    this.#shards = [...new Set([...memory.shards, shards])];
    this.#scopes = [wholeScope, ...this.#shards.filter((count) => count > 1).flatMap(shardScopes)];
    this.#editions = memory.editions;
    const thread = startListThread({ issuer: { name, keyIdentifier, signatureAlgorithm }, folder: this.#folder });
    try {
      // Before the first row is read: what comes meanwhile has a higher number, and is read again by it.
      this.#cursor = { number: feedNumber(), serialNumber: lastOfItsNumber };
      const usefulSinceMs = clock.now() - lifeMs;
      let after: RowsCursor | undefined;
      for (let more = true; more;) {
        const page = await rows.all(issuer.issuerKey, usefulSinceMs, after, rowsOfAPage);
        ({ last: after, more } = page);
        await thread.ask('add', page, false);
        if (this.#closed) throw new TypeError('closed');
      }
      await this.#recall(thread);
      await this.#note();
    } catch (error) {
      await thread.close();
      throw error;
    }
    this.#thread = thread;
    return thread;
  }

  /** Lists of the run before that have not ended are brought up to date by the delta lists of this one, where it is known what they hold. */
  async #recall(thread: ListThread): Promise<void> {
    const { rows, issuer, clock } = this.#options;
    this.#editions = openEditions(this.#editions, clock.now());
    const [base, last] = [this.#editions[0], this.#editions.at(-1)];
    if (base === undefined || last === undefined) return;
    const held = await thread.ask('earlierHolds');
    if (held === undefined) {
      this.#editions = [];
      return;
    }
    await thread.ask('beginEdition', last.number);
    let after: RowsCursor = { number: feedNumberOf(base.number), serialNumber: lastOfItsNumber };
    for (let more = true; more;) {
      const page = await rows.since(issuer.issuerKey, after, rowsOfAPage);
      ({ more } = page);
      after = page.last ?? after;
      await thread.ask('recall', page);
      if (this.#closed) throw new TypeError('closed');
    }
    const released = held.length === 0 ? [] : await rows.released(issuer.issuerKey, held);
    if (released.length > 0) await thread.ask('recallReleased', released, clock.now());
  }

  /** What the feed has told since the last time, and which holds have ended. */
  async #catchUp(thread: ListThread): Promise<void> {
    const { rows, issuer, clock } = this.#options;
    for (let more = true; more && this.#cursor !== undefined;) {
      const page = await rows.since(issuer.issuerKey, this.#cursor, rowsOfAPage);
      await thread.ask('add', page, true);
      this.#cursor = page.last ?? this.#cursor;
      ({ more } = page);
    }
    const held = await thread.ask('held');
    if (held.length === 0) return;
    const released = await rows.released(issuer.issuerKey, held);
    if (released.length > 0) await thread.ask('release', released, clock.now());
  }

  async #publishEdition(thread: ListThread, feedNumber: number): Promise<void> {
    const { lifeMs, deltaLifeMs, clock } = this.#options;
    const thisUpdateMs = this.#nowMs();
    const number = await this.#nextNumber(feedNumber);
    const edition = { number, thisUpdateMs, nextUpdateMs: thisUpdateMs + lifeMs };
    const open = openEditions(this.#editions, thisUpdateMs);
    // Where nothing is known of what is out, it starts from itself: what was changed before is in nobody's delta list.
    this.#base = open[0]?.number ?? number;
    this.#editions = [...open, edition];
    await this.#note();
    await thread.ask('readyEdition', this.#edition?.thisUpdateMs, this.#base);
    await this.#publish(thread, edition, {
      scopes: this.#scopes,
      kinds: 'both',
      number,
      base: this.#base,
      thisUpdateMs,
    });
    await thread.ask('beginEdition', number);
    this.#edition = edition;
    this.#uncertain = false;
    this.#isReady();
    const early = Math.max(0, clock.now() - thisUpdateMs);
    this.#later('edition', lifeMs / 2 - early);
    this.#later('deltas', deltaLifeMs / 2 - early);
  }

  /** Whether anything was to be published. */
  async #publishBetween(thread: ListThread, feedNumber: number, deltasToo: boolean): Promise<boolean> {
    const edition = this.#edition;
    if (edition === undefined) throw new TypeError('an edition comes first');
    const changed = await thread.ask('touched', this.#scopes);
    if (changed.length === 0 && !deltasToo) return false;
    const thisUpdateMs = this.#nowMs();
    const order = { number: await this.#nextNumber(feedNumber), base: this.#base, thisUpdateMs };
    if (changed.length > 0) await this.#publish(thread, edition, { ...order, scopes: changed, kinds: 'both' });
    if (!deltasToo) return true;
    const others = this.#scopes.filter((scope) => !changed.includes(scope));
    await this.#publish(thread, edition, { ...order, scopes: others, kinds: 'deltas' });
    this.#later('deltas', this.#options.deltaLifeMs / 2);
    return true;
  }

  async #publish(
    thread: ListThread,
    { nextUpdateMs }: Edition,
    order: Omit<ListOrder, 'url' | 'nextUpdateMs' | 'deltaNextUpdateMs'>,
  ): Promise<void> {
    const { url, deltaLifeMs, issuer } = this.#options;
    const prepared = await thread.ask('prepare', {
      ...order,
      nextUpdateMs,
      deltaNextUpdateMs: order.thisUpdateMs + deltaLifeMs,
      url: url === undefined ? undefined : `${url}/crl/${this.#folderName}`,
    });
    const signed = [];
    for (const { name, toBeSigned } of prepared)
      signed.push({ name, toBeSigned, signature: await issuer.signList(toBeSigned) });
    const written = await thread.ask('write', signed);
    this.shelf.put(written.map((list, at) => this.#published(list, prepared[at], order.number)));
  }

  #published(
    { name, file, octets }: { readonly name: string; readonly file: string; readonly octets: number },
    prepared: PreparedList | undefined,
    number: bigint,
  ): PublishedList {
    if (prepared?.name !== name) throw new TypeError('lists are written in their order');
    const { thisUpdateMs, nextUpdateMs } = prepared;
    return { path: `${this.#folderName}/${name}.crl`, file, octets, number, thisUpdateMs, nextUpdateMs };
  }

  /** To the second, as lists hold it; never before the edition that is out. */
  #nowMs(): number {
    const seconds = Math.floor(this.#options.clock.now() / 1000) * 1000;
    return Math.max(seconds, this.#edition?.thisUpdateMs ?? 0);
  }

  async #nextNumber(feedNumber: number): Promise<bigint> {
    this.#publication = nextPublication(this.#publication, this.#options.clock.now());
    if (this.#publication > this.#noted) await this.#note();
    return listNumber(feedNumber, this.#publication);
  }

  async #note(): Promise<void> {
    this.#noted = Math.max(this.#publication, nextPublication(0, this.#options.clock.now())) + notedAhead;
    const [shards, editions] = [this.#shards, this.#editions];
    await writeListMemory(this.#folder, { version: 1, publication: this.#noted, shards, editions });
  }
}
