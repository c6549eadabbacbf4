/** Keeps answers: fetched once for all who wait, ahead of their end as long as somebody asks for them, and let go when nobody does. */
import { toRfc3339 } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import type { StatusChange } from '../../../runtime/tls/index.ts';
import { AnswerCache, type CacheEntry } from './answer-cache.ts';
import { askResponder } from './ask-responder.ts';
import { Changes } from './changes.ts';
import { type HeldAnswer, replaces, timeFault } from './held-answer.ts';
import type { OcspSettings } from './ocsp-options.ts';
import type { OcspSubject } from './ocsp-subject.ts';
import { pauseMs, Responders } from './responders.ts';
import { Turns } from './turns.ts';

/** How late it is noticed that the wall clock was set on: timers run on the monotonic one. Own choice. */
const longestSleepMs = 60_000;

/** However soon an answer runs out. */
const shortestPauseMs = 1_000;

export class AnswerKeeper {
  readonly #settings: OcspSettings;
  readonly #cache: AnswerCache;
  readonly #responders: Responders;
  readonly #turns: Turns;
  readonly #changes: Changes;
  readonly #ending = new AbortController();

  constructor(settings: OcspSettings) {
    const { clock, random, mostCached, mostRequests, mostRequestsPerResponder, mostWaiting } = settings;
    this.#settings = settings;
    this.#cache = new AnswerCache(mostCached);
    this.#responders = new Responders(clock, random);
    this.#turns = new Turns({
      atOnce: mostRequests,
      atOncePerResponder: mostRequestsPerResponder,
      waiting: mostWaiting,
    });
    this.#changes = new Changes(clock);
  }

  entries(): Iterable<CacheEntry> {
    return this.#cache.values();
  }

  watch(listener: (change: StatusChange) => void): () => void {
    return this.#changes.watch(listener);
  }

  /** What is known of the certificate; who asks for it keeps it alive. */
  find(subject: OcspSubject, ofResponder: boolean): CacheEntry | undefined {
    const entry = this.#cache.find(subject, ofResponder);
    if (entry !== undefined) entry.askedAt = this.#settings.clock.monotonic();
    return entry;
  }

  add(subject: OcspSubject, ofResponder: boolean): CacheEntry {
    const entry = this.#cache.add(subject, ofResponder, this.#settings.clock.monotonic());
    this.#arm(entry);
    return entry;
  }

  drop(entry: CacheEntry): void {
    this.#cache.drop(entry);
  }

  /** The one request for it that is under way, or a new one; `undefined` where it is not asked for now, and `failure` says why. */
  fetch(entry: CacheEntry): Promise<void> | undefined {
    if (entry.fetching !== undefined) return entry.fetching;
    if (this.#ending.signal.aborted || this.#settings.clock.monotonic() < entry.retryAt) return undefined;
    const url = this.#urlFor(entry);
    if (url === undefined) return undefined;
    const turn = this.#turns.take(url, () => this.#ask(entry, url));
    if (turn === undefined) {
      entry.failure = new Refusal('CS-OCSP-025', { url, waiting: this.#turns.waiting });
      return undefined;
    }
    entry.fetching = turn.finally(() => {
      entry.fetching = undefined;
      this.#arm(entry);
    });
    return entry.fetching;
  }

  /** @param deferred set where who watches must not be called from within */
  take(entry: CacheEntry, held: HeldAnswer, deferred = false): void {
    const { clock } = this.#settings;
    const before = entry.held;
    if (replaces(held, before, clock.now())) {
      entry.held = held;
      entry.saidRevoked = false;
      entry.toldEnd = false;
      entry.changedAt = clock.monotonic();
      const isOnlyLonger = before?.answer.status === 'good' && held.answer.status === 'good';
      if (!deferred) this.#tell(entry, isOnlyLonger);
      // Who asks is answered with the first good one; nobody was answered otherwise before.
      else if (before !== undefined || held.answer.status !== 'good') {
        queueMicrotask(() => this.#tell(entry, isOnlyLonger));
      }
    }
    this.#planRefresh(entry);
    this.#arm(entry);
  }

  /** Nothing is fetched, told or waited for any more. */
  close(): void {
    this.#ending.abort(new Error('closed'));
    for (const entry of this.#cache.values()) entry.timer?.cancel();
    this.#changes.close();
  }

  /** The next of its responders that is not left alone. */
  #urlFor(entry: CacheEntry): string | undefined {
    const { urls } = entry.subject;
    for (let tried = 0; tried < urls.length; tried++) {
      const url = urls[(entry.failures + tried) % urls.length];
      if (url === undefined) return undefined;
      const closed = this.#responders.closed(url);
      if (closed === undefined) return url;
      entry.failure ??= closed;
    }
    return undefined;
  }

  async #ask(entry: CacheEntry, url: string): Promise<void> {
    // It may have gone away while this one stood in line.
    const closed = this.#responders.closed(url);
    if (closed !== undefined) {
      entry.failure = closed;
      return;
    }
    const asked = await askResponder(url, entry.subject, this.#settings, this.#ending.signal);
    if (this.#ending.signal.aborted) return;
    if (asked.kind === 'failed') {
      entry.saidRevoked ||= asked.saysRevoked;
      if (asked.ofResponder) this.#responders.failed(url, asked.refusal);
      this.#failed(entry, asked.refusal);
      return;
    }
    this.#responders.answered(url);
    this.take(entry, asked.held);
    // It gave an older answer than is held, which has run out.
    if (!this.#isInTime(entry)) this.#failed(entry, undefined);
    else Object.assign(entry, { failure: undefined, failures: 0, retryAt: 0 });
  }

  #failed(entry: CacheEntry, failure: Refusal | undefined): void {
    const { clock, random } = this.#settings;
    entry.failure = failure;
    entry.failures++;
    entry.retryAt = clock.monotonic() + pauseMs(entry.failures, random);
    entry.refreshAt = entry.retryAt;
    this.#warn(entry);
  }

  #isInTime({ held }: CacheEntry): boolean {
    const { clock, toleranceMs } = this.#settings;
    return held !== undefined && timeFault(held, clock.now(), toleranceMs) === undefined;
  }

  /** Somewhere in the third quarter of what is left, so that those that came together are not fetched together. */
  #planRefresh(entry: CacheEntry): void {
    const { clock, random, mostPauseMs } = this.#settings;
    const { held, subject } = entry;
    if (held === undefined || subject.urls.length === 0) return;
    const left = Math.min(mostPauseMs, Math.max(held.answer.freshUntil, clock.now()) - clock.now());
    entry.refreshAt = clock.monotonic() + Math.max(shortestPauseMs, left * (0.5 + random() / 4));
  }

  /** Since it last changed, which who has a live connection hears of and asks again, or not long ago. */
  #isLive({ askedAt, changedAt, held }: CacheEntry): boolean {
    if (this.#settings.clock.monotonic() - askedAt <= this.#settings.idleMs) return true;
    return held !== undefined && askedAt >= changedAt;
  }

  #tell({ subject, ofResponder }: CacheEntry, canWait: boolean): void {
    // What a responder signed hangs on it, of whichever of its issuer's certificates.
    if (ofResponder) this.#changes.now({ kind: 'issuers', issuerKeys: [subject.issuerKey] });
    else if (canWait) this.#changes.soon(subject.key);
    else this.#changes.now({ kind: 'certificates', revocationKeys: [subject.key] });
  }

  #arm(entry: CacheEntry): void {
    entry.timer?.cancel();
    if (this.#ending.signal.aborted || !this.#cache.has(entry)) return;
    entry.timer = this.#settings.clock.after(this.#sleepMs(entry), () => this.#wake(entry), { unref: true });
  }

  #sleepMs({ held, refreshAt, toldEnd, subject, retryAt }: CacheEntry): number {
    const { clock } = this.#settings;
    const moments = [longestSleepMs];
    if (held !== undefined && !toldEnd) moments.push(held.end + 1 - clock.now(), warnAt(held) - clock.now());
    if (refreshAt !== undefined) {
      const closedFor = Math.min(...subject.urls.map((url) => this.#responders.closedForMs(url)));
      moments.push(Math.max(refreshAt - clock.monotonic(), retryAt - clock.monotonic(), closedFor));
    }
    return Math.max(shortestTickMs, Math.min(...moments.filter((ms) => ms > 0)));
  }

  #wake(entry: CacheEntry): void {
    const { clock } = this.#settings;
    const hasEnded = entry.held !== undefined && !this.#isInTime(entry);
    if (hasEnded && !entry.toldEnd) {
      entry.toldEnd = true;
      this.#tell(entry, true);
    }
    const isLive = this.#isLive(entry);
    if (!isLive && (hasEnded || entry.held === undefined) && entry.fetching === undefined) {
      this.#cache.drop(entry);
      return;
    }
    const isDue = entry.refreshAt !== undefined && (hasEnded || clock.monotonic() >= entry.refreshAt);
    if (isLive && isDue) void this.fetch(entry);
    this.#warn(entry);
    this.#arm(entry);
  }

  #warn(entry: CacheEntry): void {
    const { held, failure, subject, failures } = entry;
    const [{ clock, onWarning }, url] = [this.#settings, subject.urls[0]];
    if (held === undefined || failure === undefined || url === undefined || !this.#isLive(entry)) return;
    const degree = this.#isInTime(entry) ? 'soon' : 'stale';
    if (failures === 0 || (degree === 'soon' && clock.now() < warnAt(held))) return;
    if (!this.#responders.mayWarn(url, degree)) return;
    const { serialNumber: serial } = subject.certificate;
    onWarning(
      new Refusal(
        'CS-OCSP-024',
        { url, serial, freshUntil: toRfc3339(held.end), why: failure.message },
        { cause: failure },
      ),
    );
  }
}

const shortestTickMs = 1;

/** When two thirds of its life are over: by then it was to be renewed, and some attempts failed. */
function warnAt({ heldSince, end }: HeldAnswer): number {
  return heldSince + ((end - heldSince) * 2) / 3;
}
