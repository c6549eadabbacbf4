/** What is new in one state of the revocations after another, for people who look on. */
import {
  type RevocationReason,
  revocationKey,
  type RevocationState,
  type RevokedEntry,
  type RevokedScope,
  scopeKey,
} from '../../identity/revocation/index.ts';

export interface FeedNews {
  /** `following`: how much there is already. */
  readonly what: 'following' | 'revoked' | 'held' | 'released';
  readonly number: number;
  readonly atMs: number;
  readonly subject: Readonly<Record<string, string | number>>;
  readonly reason?: RevocationReason | undefined;
}

export class NewsOfStates {
  #before: RevocationState | undefined;
  #held: ReadonlyMap<string, RevokedEntry> = new Map();

  /** Nothing for a heartbeat. */
  after(state: RevocationState): readonly FeedNews[] {
    const before = this.#before;
    this.#before = state;
    if (before?.number === state.number) return [];
    const held = heldOf(state);
    const { number, at: atMs } = state;
    const ended = [...this.#held.values()].filter(
      ({ issuerKey, serialNumber }) => state.isRevoked(issuerKey, serialNumber) === undefined,
    );
    this.#held = held;
    if (before === undefined) {
      const subject = { certificates: count(state.entries()), others: count(state.scopes), number };
      return [{ what: 'following', number, atMs, subject }];
    }
    const added = state.addedSince(before) ?? [...state.entries()].filter((entry) => !isIn(before, entry));
    const known = new Set([...before.scopes].map(markOf));
    const scopes = [...state.scopes].filter((scope) => !known.has(markOf(scope)));
    return [
      ...added.map(({ serialNumber: serial, reason }): FeedNews => {
        const isHeld = reason === 'certificateHold';
        return { what: isHeld ? 'held' : 'revoked', number, atMs, subject: { serial }, ...(isHeld ? {} : { reason }) };
      }),
      ...scopes.map((scope): FeedNews => {
        const subject: FeedNews['subject'] =
          scope.kind === 'identity' ? { identity: scope.identity } : { issuer: scope.issuerKey };
        return { what: 'revoked', number, atMs, subject, reason: scope.reason };
      }),
      ...ended.map(({ serialNumber: serial }): FeedNews => ({ what: 'released', number, atMs, subject: { serial } })),
    ];
  }
}

function heldOf(state: RevocationState): ReadonlyMap<string, RevokedEntry> {
  const held = [...state.entries()].filter(({ reason }) => reason === 'certificateHold');
  return new Map(held.map((entry) => [revocationKey(entry.issuerKey, entry.serialNumber), entry]));
}

/** A hold that was made good is news. */
function isIn(state: RevocationState, { issuerKey, serialNumber, reason }: RevokedEntry): boolean {
  return state.isRevoked(issuerKey, serialNumber)?.reason === reason;
}

/** The same identity may be revoked again, with what was issued since. */
function markOf(scope: RevokedScope): string {
  return `${scopeKey(scope)} ${String(scope.revokedAt)}`;
}

function count(all: Iterable<unknown>): number {
  let many = 0;
  for (const _ of all) many++;
  return many;
}
