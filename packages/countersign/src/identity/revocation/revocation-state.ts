/** The state that the feed's messages build, one after the other; immutable. */
import { Refusal } from '../../ground/errors/index.ts';
import { EntryLog } from './entry-log.ts';
import type { ChangeMessage, FeedMessage, HeartbeatMessage, StateMessage } from './feed-message.ts';
import type { OtherChange, RevocationView } from './revocation-view.ts';
import { revocationKey, type RevokedEntry } from './revoked-entry.ts';
import type { RevokedScope, ScopeSubject } from './revoked-scope.ts';
import { ScopeSet } from './scope-set.ts';

interface Contents {
  readonly number: number;
  readonly at: number;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  readonly freshUntil: number;
  /** Whether a state message was ever applied: until then nothing else can be. */
  readonly known: boolean;
  readonly log: EntryLog;
  /** What was known before the last whole state, is not expired, and was not in it. */
  readonly lost: readonly RevokedEntry[];
  readonly scopes: ScopeSet;
  /** As `lost`. */
  readonly lostScopes: readonly RevokedScope[];
  readonly origin?: Origin;
}

interface Origin extends OtherChange {
  readonly previous: WeakRef<RevocationState>;
  readonly added: readonly RevokedEntry[];
}

export class RevocationState implements RevocationView {
  /** Knows nothing and is fresh for no time: the first message must be a `state`. */
  static readonly unknown: RevocationState = new RevocationState({
    number: 0,
    at: 0,
    leaseMs: 0,
    heartbeatMs: 0,
    freshUntil: 0,
    known: false,
    log: EntryLog.of([], 0),
    lost: [],
    scopes: ScopeSet.empty,
    lostScopes: [],
  });

  readonly #contents: Contents;

  private constructor(contents: Contents) {
    this.#contents = contents;
  }

  get number(): number {
    return this.#contents.number;
  }

  /** When the authority made the last message. */
  get at(): number {
    return this.#contents.at;
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

  /** What the authority did not know when it told its whole state last, and is in force here all the same. */
  get lost(): readonly RevokedEntry[] {
    return this.#contents.lost;
  }

  /** As `lost`, of identities and issuers' keys. */
  get lostScopes(): readonly RevokedScope[] {
    return this.#contents.lostScopes;
  }

  get scopes(): Iterable<RevokedScope> {
    return this.#contents.scopes;
  }

  /** Those known, for who must look at all of them. */
  entries(): Iterable<RevokedEntry> {
    return this.#contents.log.upTo(this.#contents.number);
  }

  isRevoked(issuerKey: string, serialNumber: string): RevokedEntry | undefined {
    const { log, number } = this.#contents;
    return log.find(issuerKey, serialNumber, number);
  }

  scopeOf(subject: ScopeSubject): RevokedScope | undefined {
    return this.#contents.scopes.find(subject);
  }

  addedSince(earlier: RevocationView): readonly RevokedEntry[] | undefined {
    const { origin } = this.#contents;
    return origin?.previous.deref() === earlier ? origin.added : undefined;
  }

  otherwiseSince(earlier: RevocationView): OtherChange {
    const { origin } = this.#contents;
    return origin?.previous.deref() === earlier ? origin : { scopes: [...this.scopes], released: true };
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

  /**
   * A revocation is for good, so a whole state takes none back: one that it does not hold was lost by the authority (as by one that was restored from a
   * backup of before), and stays in force here until its certificate has expired. A hold ends where the state says that it was released, and not else.
   */
  #replace(message: StateMessage, receivedAt: number): Contents {
    this.#refuseOlder(message);
    const told = EntryLog.of(message.revoked, message.number);
    const ended = new Set(message.released?.map((one) => revocationKey(one.issuerKey, one.serialNumber)));
    const isOver = ({ issuerKey, serialNumber, reason }: RevokedEntry): boolean =>
      reason === 'certificateHold' && ended.has(revocationKey(issuerKey, serialNumber));
    const lost = [...this.entries()].filter((entry) => {
      const { issuerKey, serialNumber, expiresAt } = entry;
      return (
        expiresAt >= message.at && told.find(issuerKey, serialNumber, message.number) === undefined && !isOver(entry)
      );
    });
    const scopes = ScopeSet.empty.with(message.scopes ?? [], message.at);
    const lostScopes = [...this.scopes].filter((scope) => scope.expiresAt >= message.at && !scopes.covers(scope));
    return {
      number: message.number,
      at: message.at,
      leaseMs: message.leaseMs,
      heartbeatMs: message.heartbeatMs,
      freshUntil: Math.min(message.at, receivedAt) + message.leaseMs,
      known: true,
      log: lost.length === 0 ? told : EntryLog.of([...message.revoked, ...lost], message.number),
      lost,
      scopes: scopes.with(lostScopes, message.at),
      lostScopes,
    };
  }

  #advance(message: ChangeMessage | HeartbeatMessage, receivedAt: number): Contents {
    const { number, known, log } = this.#contents;
    const expected = message.kind === 'change' ? number + 1 : number;
    if (!known || message.number > expected) throw new Refusal('CS-FEED-006', { known: number, found: message.number });
    if (message.number < expected) throw new Refusal('CS-FEED-005', { known: number, found: message.number });
    this.#refuseOlder(message);
    const { revoked: added, scopes = [], released = [] } = message.kind === 'change' ? message : { revoked: [] };
    return {
      ...this.#contents,
      log: message.kind === 'change' ? log.advance(number, added, message.at, released) : log,
      scopes: this.#contents.scopes.with(scopes, message.at),
      number: message.number,
      at: message.at,
      freshUntil: Math.min(message.at, receivedAt) + this.#contents.leaseMs,
      origin: { previous: new WeakRef(this), added, scopes, released: released.length > 0 },
    };
  }

  /** A replayed message carries an old time even where its number fits: it must not lengthen the lease again. */
  #refuseOlder(message: FeedMessage): void {
    const { number, at } = this.#contents;
    if (message.number < number) throw new Refusal('CS-FEED-005', { known: number, found: message.number });
    if (message.at < at) throw new Refusal('CS-FEED-005', { known: at, found: message.at });
  }
}
