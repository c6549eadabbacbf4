/**
 * What a workload trusts now, and the connections that rest on it: one per workload, shared by its endpoints.
 * A change of bundles, revocations or a policy makes a new epoch and closes whatever no longer passes, before the change returns.
 */
import { toRfc3339, type Clock, type Timer } from '../../../ground/clock/index.ts';
import { isRefusal, Refusal, type RefusalCode } from '../../../ground/errors/index.ts';
import { revocationKey, type RevocationView } from '../../../identity/revocation/index.ts';
import type { BundleSet } from '../../../identity/spiffe/index.ts';
import { ConnectionIndex, type IndexedConnection } from './connection-index.ts';
import { waitMs } from './longest-wait.ts';
import type { BundleSource, RevocationSource } from '../context/credential.ts';
import { tell } from '../tell.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';
import type { Source } from './source.ts';

export interface TrustOptions {
  readonly bundles: BundleSource;
  /** `fixedSource(withoutRevocation)` where no feed is followed. */
  readonly revocations: RevocationSource;
  readonly clock: Clock;
  /**
   * What happens when the lease of the revocations ends. Default `refuseAfterLease`: nobody is let in, and who is in is closed.
   * `continueAfterLease` goes on with what was known last, so that a revocation may then not reach this endpoint at all.
   */
  readonly lease?: 'refuseAfterLease' | 'continueAfterLease';
}

export class Trust {
  readonly bundles: BundleSource;
  readonly revocations: RevocationSource;
  readonly clock: Clock;
  readonly connections: ConnectionIndex = new ConnectionIndex();
  readonly #lease: 'refuseAfterLease' | 'continueAfterLease';
  readonly #listeners = new Set<(epoch: number) => void>();
  readonly #endings: (() => void)[];
  #bundleSet: BundleSet;
  #view: RevocationView;
  /** When the lease ends on the monotonic clock: a wall clock that is set back does not lengthen it. */
  #freshUntilMonotonic: number;
  #epoch = 1;
  readonly #closedByCode = new Map<RefusalCode, number>();
  #closedTotal = 0;
  #leaseTimer: Timer | undefined;

  constructor({ bundles, revocations, clock, lease = 'refuseAfterLease' }: TrustOptions) {
    this.bundles = bundles;
    this.revocations = revocations;
    this.clock = clock;
    this.#lease = lease;
    this.#bundleSet = bundles.current();
    this.#view = revocations.current();
    this.#freshUntilMonotonic = this.#leaseOnMonotonic();
    this.#endings = [
      bundles.watch((value) => this.#onBundles(value)),
      revocations.watch((value) => this.#onRevocations(value)),
    ];
    this.#armLease();
  }

  /** Grows by one with each change of bundles, revocations or a policy. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Connections closed because their peer no longer passed. */
  get closedTotal(): number {
    return this.#closedTotal;
  }

  /** The same by the code of the refusal that ended them. */
  get closedByCode(): ReadonlyMap<RefusalCode, number> {
    return this.#closedByCode;
  }

  /** Connections that are still to be looked at, or closed, for the changes made so far. */
  get pending(): number {
    return 0;
  }

  /** Resolves when whatever has to go for the changes made so far is closed; of what goes, nothing was handed on since the change. */
  settled(): Promise<void> {
    return Promise.resolve();
  }

  /** Whether what is known of revocations still counts. */
  get fresh(): boolean {
    if (this.#lease === 'continueAfterLease') return true;
    // The wall clock goes on while a machine sleeps, the monotonic one is set by nobody: whichever comes first.
    return this.clock.now() < this.#view.freshUntil && this.clock.monotonic() < this.#freshUntilMonotonic;
  }

  /** Calls `listener` after each new epoch, when the connections that had to go are closed. */
  onEpoch(listener: (epoch: number) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** @throws CS-PEER-010 */
  requireFresh(peer: string): void {
    if (!this.fresh) throw this.#leaseEnded(peer);
  }

  /**
   * Whether a peer of a live connection may still be served at this moment: timers alone are not enough, since a machine
   * that slept runs them late. @throws CS-PEER-003, -010
   */
  requireCurrent(peer: VerifiedPeer): void {
    this.requireFresh(peer.name);
    if (this.clock.now() < expiryOf(peer)) return;
    throw new Refusal('CS-PEER-003', {
      subject: peer.name,
      reason: `notAfter ${toRfc3339(peer.notAfter)} passed on a live connection`,
    });
  }

  /** Closes everything where the lease has ended; for clients before they use a connection, since after a sleep the timer comes late. */
  enforceLease(): void {
    if (this.fresh) return;
    for (const connection of this.connections.all()) this.#close(connection, this.#leaseEnded(connection.peer.name));
  }

  /** Looks at one connection under what is trusted now: whether it still passes. It is closed where it does not. */
  recheck(connection: IndexedConnection): boolean {
    try {
      connection.recheck();
      return true;
    } catch (error) {
      this.#close(connection, isRefusal(error) ? error : uncheckable(connection, error));
      return false;
    }
  }

  /** For the peer verifier: each change of its policy is a new epoch, in which the connections that it let in are looked at again. */
  watchPolicy(policy: Source<unknown>, verifier: object): void {
    const onPolicy = (): void => {
      this.#epoch++;
      this.#recheck(this.connections.ofVerifier(verifier));
      this.#announce();
    };
    this.#endings.push(policy.watch(onPolicy));
  }

  /** Stops watching. The connections stay; their endpoints close them. */
  close(): void {
    for (const end of this.#endings) end();
    this.#leaseTimer?.cancel();
  }

  #onBundles(value: BundleSet): void {
    const before = this.#bundleSet;
    if (value === before) return;
    this.#bundleSet = value;
    this.#epoch++;
    this.#recheck(this.#underChangedBundle(before, value));
    this.#announce();
  }

  #underChangedBundle(before: BundleSet, after: BundleSet): readonly IndexedConnection[] {
    // Another home changes which bundle certificates without a SPIFFE ID are looked up in.
    if (before.home !== after.home) return this.connections.all();
    const domains = new Set([...before.all(), ...after.all()].map(({ trustDomain }) => trustDomain));
    return [...domains]
      .filter((domain) => before.get(domain) !== after.get(domain))
      .flatMap((domain) => this.connections.ofTrustDomain(domain));
  }

  #onRevocations(value: RevocationView): void {
    const before = this.#view;
    if (value === before) return;
    this.#view = value;
    this.#freshUntilMonotonic = this.#leaseOnMonotonic();
    this.#armLease();
    const added = value.addedSince?.(before);
    // A heartbeat moves the lease alone; a new epoch for it would empty the verifiers' caches each time.
    if (added?.length === 0) return;
    this.#epoch++;
    this.#recheck(
      added?.flatMap((entry) =>
        this.connections.withRevocationKey(revocationKey(entry.issuerKey, entry.serialNumber)),
      ) ?? this.connections.all(),
    );
    this.#announce();
  }

  #recheck(connections: readonly IndexedConnection[]): void {
    for (const connection of new Set(connections)) this.recheck(connection);
  }

  #close(connection: IndexedConnection, refusal: Refusal): void {
    this.connections.remove(connection);
    this.#closedTotal++;
    this.#closedByCode.set(refusal.code, (this.#closedByCode.get(refusal.code) ?? 0) + 1);
    // One that can't be closed must not save those after it.
    tell(() => connection.close(refusal));
  }

  #announce(): void {
    for (const listener of [...this.#listeners]) listener(this.#epoch);
  }

  #leaseOnMonotonic(): number {
    return this.clock.monotonic() + (this.#view.freshUntil - this.clock.now());
  }

  #armLease(): void {
    this.#leaseTimer?.cancel();
    const { freshUntil } = this.#view;
    if (this.#lease === 'continueAfterLease' || freshUntil === Number.POSITIVE_INFINITY) return;
    const leftMs = Math.min(freshUntil - this.clock.now(), this.#freshUntilMonotonic - this.clock.monotonic());
    const delayMs = waitMs(leftMs, 0);
    this.#leaseTimer = this.clock.after(delayMs, () => this.#onLeaseTimer(), { unref: true });
  }

  #onLeaseTimer(): void {
    if (this.fresh) this.#armLease();
    else this.enforceLease();
  }

  #leaseEnded(peer: string): Refusal {
    return new Refusal('CS-PEER-010', { peer, freshUntil: toRfc3339(this.#view.freshUntil) });
  }
}

/** The first moment at which the peer's path is no longer valid: notAfter includes its last second (RFC 5280, 4.1.2.5). */
export function expiryOf(peer: VerifiedPeer): number {
  return peer.notAfter + 1000;
}

/** A check that fails for a reason of its own must not leave a connection open. */
function uncheckable(connection: IndexedConnection, cause: unknown): Refusal {
  return new Refusal(
    'CS-PEER-006',
    { subject: connection.peer.name, reason: 'could not be verified again' },
    { cause },
  );
}
