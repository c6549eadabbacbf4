/** What is known of certificates, each by its issuer's key and serial number: bounded, the least recently used forgotten first. */
import type { Timer } from '../../../ground/clock/index.ts';
import { equalBytes } from '../../../ground/encoding/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import type { HeldAnswer } from './held-answer.ts';
import type { OcspSubject } from './ocsp-subject.ts';

export interface CacheEntry {
  readonly subject: OcspSubject;
  /** Set where this is the certificate of a responder, looked up for the sake of what it signed. */
  readonly ofResponder: boolean;
  held: HeldAnswer | undefined;
  /** Of the latest attempts since one succeeded. */
  failure: Refusal | undefined;
  failures: number;
  /** An answer that could not be relied upon said so. */
  saidRevoked: boolean;
  fetching: Promise<void> | undefined;
  /** On the monotonic clock, as are the next three. */
  askedAt: number;
  changedAt: number;
  retryAt: number;
  /** `undefined` where it is not fetched ahead. */
  refreshAt: number | undefined;
  toldEnd: boolean;
  timer: Timer | undefined;
}

export class AnswerCache {
  readonly #most: number;
  /** The least recently used first. */
  readonly #entries = new Map<string, CacheEntry>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#entries.size;
  }

  values(): Iterable<CacheEntry> {
    return this.#entries.values();
  }

  has(entry: CacheEntry): boolean {
    return this.#entries.get(keyOf(entry)) === entry;
  }

  /** The entry of the very certificate, which is the most recently used now. */
  find(subject: OcspSubject, ofResponder: boolean): CacheEntry | undefined {
    const key = keyOf({ subject, ofResponder });
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (!equalBytes(entry.subject.certificate.raw, subject.certificate.raw)) {
      // One serial number twice by one key: what is known of the one says nothing of the other.
      this.drop(entry);
      return undefined;
    }
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  add(subject: OcspSubject, ofResponder: boolean, monotonic: number): CacheEntry {
    const entry: CacheEntry = {
      subject,
      ofResponder,
      held: undefined,
      failure: undefined,
      failures: 0,
      saidRevoked: false,
      fetching: undefined,
      askedAt: monotonic,
      changedAt: monotonic,
      retryAt: 0,
      refreshAt: undefined,
      toldEnd: false,
      timer: undefined,
    };
    this.#makeRoom();
    this.#entries.set(keyOf(entry), entry);
    return entry;
  }

  drop(entry: CacheEntry): void {
    entry.timer?.cancel();
    if (this.has(entry)) this.#entries.delete(keyOf(entry));
  }

  /** Somebody waits for those that are being fetched: they go last. */
  #makeRoom(): void {
    if (this.#entries.size < this.#most) return;
    const oldest = [...this.#entries.values().take(mostPassedOver)];
    const goes = oldest.find(({ fetching }) => fetching === undefined) ?? oldest[0];
    if (goes !== undefined) this.drop(goes);
  }
}

/** Own choice: more than are fetched at once in an ordinary configuration. */
const mostPassedOver = 64;

function keyOf({ subject, ofResponder }: Pick<CacheEntry, 'subject' | 'ofResponder'>): string {
  return ofResponder ? `responder ${subject.key}` : subject.key;
}
