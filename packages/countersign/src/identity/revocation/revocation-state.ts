/** The state that the feed's messages build, one after the other; immutable. */
import { Refusal } from '../../ground/errors/index.ts';
import type { ChangeMessage, FeedMessage, HeartbeatMessage, StateMessage } from './feed-message.ts';
import type { RevocationView } from './revocation-view.ts';
import { revocationKey, type RevokedEntry } from './revoked-entry.ts';

interface Contents {
  readonly number: number;
  readonly at: number;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  readonly freshUntil: number;
  /** Whether a state message was ever applied: until then nothing else can be. */
  readonly known: boolean;
  /** Never changed once built; shared by the states that follow. */
  readonly settled: ReadonlyMap<string, RevokedEntry>;
  /** Those since `settled`, copied by each change. */
  readonly recent: ReadonlyMap<string, RevokedEntry>;
  readonly origin?: { readonly previous: WeakRef<RevocationState>; readonly added: readonly RevokedEntry[] };
}

/** From here on recent entries are merged: n changes then copy n times this, not n squared. Our own choice. */
const mostRecent = 512;

export class RevocationState implements RevocationView {
  /** Knows nothing and is fresh for no time: the first message must be a `state`. */
  static readonly unknown: RevocationState = new RevocationState({
    number: 0,
    at: 0,
    leaseMs: 0,
    heartbeatMs: 0,
    freshUntil: 0,
    known: false,
    settled: new Map(),
    recent: new Map(),
  });

  readonly #contents: Contents;

  private constructor(contents: Contents) {
    this.#contents = contents;
  }

  get number(): number {
    return this.#contents.number;
  }

  get freshUntil(): number {
    return this.#contents.freshUntil;
  }

  get leaseMs(): number {
    return this.#contents.leaseMs;
  }

  get heartbeatMs(): number {
    return this.#contents.heartbeatMs;
  }

  /** How many entries are held. */
  get size(): number {
    return this.#contents.settled.size + this.#contents.recent.size;
  }

  isRevoked(issuerKey: string, serialNumber: string): RevokedEntry | undefined {
    const key = revocationKey(issuerKey, serialNumber);
    return this.#contents.recent.get(key) ?? this.#contents.settled.get(key);
  }

  addedSince(earlier: RevocationView): readonly RevokedEntry[] | undefined {
    const { origin } = this.#contents;
    return origin?.previous.deref() === earlier ? origin.added : undefined;
  }

  /**
   * @param receivedAt milliseconds since 1970 by this side's clock: freshness counts from the authority's time, but never from
   *   a future one, so that an authority whose clock is ahead can't lend itself a longer lease.
   * @throws CS-FEED-005 when the message is older than what is known, CS-FEED-006 when messages are missing in between.
   */
  apply(message: FeedMessage, receivedAt: number): RevocationState {
    const next = message.kind === 'state' ? this.#replace(message, receivedAt) : this.#advance(message, receivedAt);
    return new RevocationState(next);
  }

  #replace(message: StateMessage, receivedAt: number): Contents {
    this.#refuseOlder(message);
    return {
      number: message.number,
      at: message.at,
      leaseMs: message.leaseMs,
      heartbeatMs: message.heartbeatMs,
      freshUntil: Math.min(message.at, receivedAt) + message.leaseMs,
      known: true,
      settled: mapOf(message.revoked),
      recent: new Map(),
    };
  }

  #advance(message: ChangeMessage | HeartbeatMessage, receivedAt: number): Contents {
    const { number, known } = this.#contents;
    const expected = message.kind === 'change' ? number + 1 : number;
    if (!known || message.number > expected) throw new Refusal('CS-FEED-006', { known: number, found: message.number });
    if (message.number < expected) throw new Refusal('CS-FEED-005', { known: number, found: message.number });
    this.#refuseOlder(message);
    const added = message.kind === 'change' ? message.revoked : [];
    return {
      ...this.#contents,
      ...this.#merged(added),
      number: message.number,
      at: message.at,
      freshUntil: Math.min(message.at, receivedAt) + this.#contents.leaseMs,
      origin: { previous: new WeakRef(this), added },
    };
  }

  /** A replayed message carries an old time even where its number fits: it must not lengthen the lease again. */
  #refuseOlder(message: FeedMessage): void {
    const { number, at } = this.#contents;
    if (message.number < number) throw new Refusal('CS-FEED-005', { known: number, found: message.number });
    if (message.at < at) throw new Refusal('CS-FEED-005', { known: at, found: message.at });
  }

  #merged(added: readonly RevokedEntry[]): Pick<Contents, 'settled' | 'recent'> {
    const { settled, recent } = this.#contents;
    if (added.length === 0) return { settled, recent };
    const grown = mapOf([...recent.values(), ...added]);
    return grown.size <= mostRecent
      ? { settled, recent: grown }
      : { settled: new Map([...settled, ...grown]), recent: new Map() };
  }
}

function mapOf(entries: readonly RevokedEntry[]): ReadonlyMap<string, RevokedEntry> {
  return new Map(entries.map((entry) => [revocationKey(entry.issuerKey, entry.serialNumber), entry]));
}
