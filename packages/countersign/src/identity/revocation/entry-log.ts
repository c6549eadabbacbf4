/**
 * All entries that the states of one feed hold, in one map for all of them: each state sees those up to its own number. So a change costs what it brings,
 * however many there are before it, and the states before it stay as they are.
 */
import { revocationKey, type RevokedEntry } from './revoked-entry.ts';

interface Logged {
  readonly entry: RevokedEntry;
  /** The number of the feed from which on it is revoked. */
  readonly since: number;
}

type Released = Pick<RevokedEntry, 'issuerKey' | 'serialNumber'>;

/** Looked at with each change, from the oldest on and around again: so that what has expired goes, and no change pays for all. */
const looksPerEntry = 2;

/** An entry is of use to whoever takes its certificate for valid: by a clock as much behind as a feed message may be old (a day). Own choice. */
const keptAfterExpiryMs = 24 * 3_600_000;

export class EntryLog {
  readonly #entries: Map<string, Logged>;
  /** Only the state of this number may be followed by another in this log. */
  #latest: number;
  #walk: Iterator<[string, Logged]>;

  private constructor(entries: Map<string, Logged>, latest: number) {
    this.#entries = entries;
    this.#latest = latest;
    this.#walk = entries.entries();
  }

  static of(entries: Iterable<RevokedEntry>, number: number): EntryLog {
    const map = new Map<string, Logged>();
    for (const entry of entries) map.set(keyOf(entry), { entry, since: number });
    return new EntryLog(map, number);
  }

  find(issuerKey: string, serialNumber: string, number: number): RevokedEntry | undefined {
    const found = this.#entries.get(revocationKey(issuerKey, serialNumber));
    return found !== undefined && found.since <= number ? found.entry : undefined;
  }

  /** Those that the state of `number` holds. */
  *upTo(number: number): Generator<RevokedEntry> {
    for (const { entry, since } of this.#entries.values()) if (since <= number) yield entry;
  }

  /**
   * The log in which the state after `number` is that of `number + 1`, with what was added. It is this one, but where that has gone on already from
   * `number`: two histories must not see each other's entries.
   */
  advance(number: number, added: readonly RevokedEntry[], atMs: number, released: readonly Released[] = []): EntryLog {
    if (released.length > 0 || added.some((entry) => this.#isHeld(entry)))
      return this.#changed(number, added, released);
    if (number !== this.#latest) return EntryLog.of(this.upTo(number), number).advance(number, added, atMs);
    this.#latest = number + 1;
    for (const entry of added) {
      const key = keyOf(entry);
      // Revoked before: since then.
      if (!this.#entries.has(key)) this.#entries.set(key, { entry, since: number + 1 });
    }
    this.#forgetExpired(looksPerEntry * Math.max(1, added.length), atMs - keptAfterExpiryMs);
    return this;
  }

  #isHeld(entry: RevokedEntry): boolean {
    return this.#entries.get(keyOf(entry))?.entry.reason === 'certificateHold';
  }

  /** A hold that ends, for good or not, takes something out: the states before it keep theirs. It is rare, as a person does it. */
  #changed(number: number, added: readonly RevokedEntry[], released: readonly Released[]): EntryLog {
    const gone = new Set(released.map(keyOf));
    const entries = new Map<string, RevokedEntry>();
    for (const entry of this.upTo(number)) if (!gone.has(keyOf(entry))) entries.set(keyOf(entry), entry);
    for (const entry of added) entries.set(keyOf(entry), firmer(entries.get(keyOf(entry)), entry));
    return EntryLog.of(entries.values(), number + 1);
  }

  #forgetExpired(looks: number, beforeMs: number): void {
    for (let look = 0; look < looks; look++) {
      const next = this.#walk.next();
      if (next.done === true) {
        this.#walk = this.#entries.entries();
        return;
      }
      const [key, { entry }] = next.value;
      if (entry.expiresAt < beforeMs) this.#entries.delete(key);
    }
  }
}

/** What is revoked for good stays so, whatever is said of it afterwards. */
function firmer(known: RevokedEntry | undefined, entry: RevokedEntry): RevokedEntry {
  return known === undefined || known.reason === 'certificateHold' ? entry : known;
}

function keyOf({ issuerKey, serialNumber }: Released): string {
  return revocationKey(issuerKey, serialNumber);
}
