/** What lists, responders and staples say of peers: asked when a peer comes, remembered until it runs out or changes, and asked again then. */
import type { Clock } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { askChecks, decidePathStatus, type PathStatus, type Undetermined } from '../peer/path-status.ts';
import { tell } from '../tell.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';
import type { StatusChange, StatusCheck, StatusQuestion } from './status-check.ts';
import { type Sliceable, SlicedWork } from './sliced-work.ts';
import { StatusEpochs } from './status-epochs.ts';

/** What does not change from one question about a path to the next. */
export type StatusSubject = Omit<StatusQuestion, 'at'>;

interface Known {
  /** The epoch in which it was asked. */
  readonly epoch: number;
  readonly freshUntil: number;
  /** Whether softness let it in: the next connection is reason to try again. */
  readonly open: boolean;
  readonly subject: StatusSubject;
}

/** As a trust is given them. */
export interface StatusOptions {
  readonly statusChecks?: readonly StatusCheck[];
  readonly undetermined?: Undetermined | ((trustDomain: string) => Undetermined);
  readonly onLetIn?: (why: Refusal) => void;
  readonly clock: Clock;
}

/** `undefined` where nothing is asked. @throws TypeError for what is no check; softness has to be typed out, and nothing else brings it about */
export function peerStatusesOf(options: StatusOptions): PeerStatuses | undefined {
  const { statusChecks: checks = [], undetermined = 'refuse', onLetIn, clock } = options;
  if (!Array.isArray(checks) || !checks.every(isStatusCheck))
    throw new TypeError('statusChecks is a list of StatusCheck');
  if (typeof undetermined !== 'function' && !['refuse', 'letInUnlessKnownRevoked'].includes(undetermined))
    throw new TypeError("undetermined is 'refuse' or 'letInUnlessKnownRevoked'");
  const undeterminedOf = typeof undetermined === 'function' ? undetermined : (): Undetermined => undetermined;
  return checks.length === 0 ? undefined : new PeerStatuses({ checks: [...checks], undeterminedOf, onLetIn, clock });
}

function isStatusCheck(value: unknown): value is StatusCheck {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['ask', 'fetchFor', 'watch'].every((name) => typeof Reflect.get(value, name) === 'function')
  );
}

interface Turn extends Sliceable {
  readonly work: () => void;
}

interface PeerStatusesOptions {
  readonly checks: readonly StatusCheck[];
  readonly undeterminedOf: (trustDomain: string) => Undetermined;
  readonly onLetIn: StatusOptions['onLetIn'];
  readonly clock: Clock;
}

export class PeerStatuses {
  readonly checks: readonly StatusCheck[];
  readonly #undeterminedOf: (trustDomain: string) => Undetermined;
  readonly #clock: Clock;
  readonly #onLetIn: StatusOptions['onLetIn'];
  readonly #epochs = new StatusEpochs();
  readonly #known = new WeakMap<VerifiedPeer, Known>();
  readonly #turns: SlicedWork<Turn>;
  #earliest = Number.POSITIVE_INFINITY;

  constructor({ checks, undeterminedOf, onLetIn, clock }: PeerStatusesOptions) {
    this.#turns = new SlicedWork<Turn>(clock, ({ work }) => {
      work();
      return 'ended';
    });
    this.checks = checks;
    this.#undeterminedOf = undeterminedOf;
    this.#clock = clock;
    this.#onLetIn = onLetIn;
  }

  /** No later than the first moment at which what is known of any peer runs out, in milliseconds since 1970. */
  get earliest(): number {
    return this.#earliest;
  }

  /** @param peer what to call it */
  ask(subject: StatusSubject, peer: string): PathStatus {
    const at = this.#clock.now();
    const answers = askChecks(this.checks, { ...subject, at });
    const serialNumbers = subject.path.certificates.slice(0, -1).map(({ serialNumber }) => serialNumber);
    const undetermined = this.lets(subject) ? 'letInUnlessKnownRevoked' : 'refuse';
    return decidePathStatus(answers, { peer, serialNumbers, undetermined });
  }

  /** Whether softness is typed out for its trust domain: anything else refuses. */
  lets({ trustDomain }: StatusSubject): boolean {
    return this.#undeterminedOf(trustDomain) === 'letInUnlessKnownRevoked';
  }

  /** What was asked counts for this peer from now on. */
  remember(
    peer: VerifiedPeer,
    subject: StatusSubject,
    status: PathStatus & { outcome: 'stands' },
    epoch: number,
  ): void {
    const { freshUntil, open } = status;
    if (open !== undefined) tell(this.#onLetIn, open);
    this.#known.set(peer, { epoch, freshUntil, open: open !== undefined, subject });
    this.#earliest = Math.min(this.#earliest, freshUntil);
  }

  /** That with which it was let in. */
  stapleOf(peer: VerifiedPeer): Uint8Array | undefined {
    return this.#known.get(peer)?.subject.staple;
  }

  note(change: StatusChange, epoch: number): void {
    this.#epochs.note(change, epoch);
  }

  /** Whether what is known of it has not run out. */
  inTime(peer: VerifiedPeer): boolean {
    return this.#clock.now() < this.freshUntil(peer);
  }

  /** In milliseconds since 1970; of a peer that nothing was asked about, none has begun. */
  freshUntil(peer: VerifiedPeer): number {
    return this.#known.get(peer)?.freshUntil ?? Number.NEGATIVE_INFINITY;
  }

  /** Whether another connection of it may rest on what is known. @param staple that it presented on that one */
  countsFor(peer: VerifiedPeer, staple: Uint8Array | undefined): boolean {
    const known = this.#known.get(peer);
    if (known === undefined || known.open || !this.#standing(peer, known)) return false;
    return staple === undefined || isSame(staple, known.subject.staple);
  }

  /** For live connections: asks again where what is known ran out, or may have changed. @throws CS-PEER-008, -020, -021 */
  requireStanding(peer: VerifiedPeer, epoch: number): void {
    const refusal = this.#refusalOf(peer, epoch);
    if (refusal !== undefined) throw refusal;
  }

  /** Reckons `earliest` anew, of these peers; returns those whose time is over. */
  sweep<C extends { readonly peer: VerifiedPeer }>(connections: readonly C[]): readonly C[] {
    const now = this.#clock.now();
    const over: C[] = [];
    this.#earliest = Number.POSITIVE_INFINITY;
    for (const connection of connections) {
      const freshUntil = this.freshUntil(connection.peer);
      if (freshUntil <= now) over.push(connection);
      else this.#earliest = Math.min(this.#earliest, freshUntil);
    }
    return over;
  }

  /** `undefined` where no check has anything to fetch. Never rejects. */
  fetchFor(subject: StatusSubject, signal: AbortSignal): Promise<void> | undefined {
    const question = { ...subject, at: this.#clock.now() };
    const fetching = this.checks.flatMap((check) => {
      try {
        const fetched = check.fetchFor(question, signal);
        return fetched instanceof Promise ? [fetched] : [];
      } catch {
        // What it could not fetch it does not know, and says so when it is asked.
        return [];
      }
    });
    return fetching.length === 0 ? undefined : Promise.allSettled(fetching).then(() => undefined);
  }

  /** A thousand may have waited for the same answer: they are looked at in slices. */
  inTurn<T>(look: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const work = (): void => {
        // Its own rejection is this one's.
        new Promise<T>((looked) => looked(look())).then(resolve, reject);
      };
      this.#turns.add([{ queued: undefined, work }], 'urgent');
      this.#turns.begin();
    });
  }

  #refusalOf(peer: VerifiedPeer, epoch: number): Refusal | undefined {
    const known = this.#known.get(peer);
    if (known === undefined) return neverAsked(peer);
    if (this.#standing(peer, known)) return undefined;
    const status = this.ask(known.subject, peer.name);
    if (status.outcome !== 'stands') return status.refusal;
    this.remember(peer, known.subject, status, epoch);
    return undefined;
  }

  #standing(peer: VerifiedPeer, { epoch, freshUntil }: Known): boolean {
    return this.#clock.now() < freshUntil && epoch >= this.#epochs.latestOf(peer.revocationKeys);
  }
}

function neverAsked({ name, serialNumber }: VerifiedPeer): Refusal {
  return new Refusal('CS-PEER-021', { peer: name, serialNumber, reason: 'it was verified under another trust' });
}

function isSame(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other?.length === one.length && one.every((octet, at) => octet === other[at]);
}
