/**
 * What a workload trusts now, and the connections that rest on it: one per workload, shared by its endpoints.
 * A change of bundles, revocations or a policy makes a new epoch. Before the change returns, every connection that it may concern is marked, and hands
 * nothing on until it was looked at again; they are looked at, and closed, in slices, the first of them before the change returns as well.
 */
import { toRfc3339, type Clock } from '../../../ground/clock/index.ts';
import { Refusal, type RefusalCode } from '../../../ground/errors/index.ts';
import { RevocationState, type RevocationView } from '../../../identity/revocation/index.ts';
import { BundleSet } from '../../../identity/spiffe/index.ts';
import {
  concernedByBundles,
  concernedByLeases,
  concernedByRevocations,
  concernedByStatus,
} from './concerned-connections.ts';
import { ConnectionIndex } from './connection-index.ts';
import { ExpiryQueue } from './expiry-queue.ts';
import { Leases } from './leases.ts';
import { type PeerStatuses, peerStatusesOf } from './peer-statuses.ts';
import type { BundleSource, RevocationSource } from '../context/credential.ts';
import { tell } from '../tell.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';
import { type Reminder, reminderQueue } from './reminders.ts';
import type { RestingConnection } from './resting-connection.ts';
import { revokedSince } from './revoked-since.ts';
import { SlicedWork, type Urgency, type Worked } from './sliced-work.ts';
import type { Source } from './source.ts';
import type { StatusChange } from './status-check.ts';
import { StatusTimer } from './status-timer.ts';
import type { TrustOptions } from './trust-options.ts';
import { Verdicts } from './verdicts.ts';
import { isBundleSet, isRevocationView, noBundles, noRevocationView } from './yielded-values.ts';

export class Trust {
  readonly bundles: BundleSource;
  readonly revocations: RevocationSource;
  readonly clock: Clock;
  readonly connections: ConnectionIndex<RestingConnection> = new ConnectionIndex();
  /** For connections that are to be given up ahead of an end. */
  readonly reminders: ExpiryQueue<Reminder>;
  /** `undefined` where nothing is asked beside the revocations. For the endpoints alone. */
  readonly statuses: PeerStatuses | undefined;
  readonly #listeners = new Set<(epoch: number) => void>();
  readonly #endings: (() => void)[];
  readonly #work: SlicedWork<RestingConnection>;
  readonly #expiries: ExpiryQueue<RestingConnection>;
  readonly #verdicts = new Verdicts();
  #bundleSet: BundleSet;
  #view: RevocationView;
  readonly #leases: Leases;
  #epoch = 1;
  #bundleEpoch = 1;
  #policyEpoch = 1;
  readonly #closedByCode = new Map<RefusalCode, number>();
  #closedTotal = 0;
  readonly #statusTimer: StatusTimer;

  constructor(options: TrustOptions) {
    const { bundles, revocations, clock, lease } = options;
    this.bundles = bundles;
    this.revocations = revocations;
    this.clock = clock;
    this.#work = new SlicedWork(clock, (connection) => this.#endIfRefused(connection));
    this.#expiries = new ExpiryQueue(clock, (due) => this.#look(due, 'urgent'));
    this.reminders = reminderQueue(clock);
    this.#bundleSet = bundles.current();
    this.#view = revocations.current();
    if (!isBundleSet(this.#bundleSet)) throw noBundles();
    if (!isRevocationView(this.#view)) throw noRevocationView();
    this.#leases = new Leases(clock, lease, () => this.enforceLease());
    this.#leases.take(this.#view);
    this.statuses = peerStatusesOf(options);
    this.#statusTimer = new StatusTimer(clock, this.statuses, () => this.#sweepStatuses());
    this.#endings = [
      bundles.watch((value) => this.#onBundles(value)),
      revocations.watch((value) => this.#onRevocations(value)),
      ...(this.statuses?.checks ?? []).map((check) => check.watch((change) => this.#onStatus(change))),
    ];
    this.#leases.arm();
  }

  /** Grows by one with each change of bundles, revocations or a policy. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The epoch of the latest change of bundles: paths that were found since then still lead to what is trusted. */
  get bundleEpoch(): number {
    return this.#bundleEpoch;
  }

  /** The epoch of the latest change of a policy. */
  get policyEpoch(): number {
    return this.#policyEpoch;
  }

  /** Connections closed because their peer no longer passed, expired, or had lived as long as it may. */
  get closedTotal(): number {
    return this.#closedTotal;
  }

  /** The same by the code of the refusal that ended them. */
  get closedByCode(): ReadonlyMap<RefusalCode, number> {
    return this.#closedByCode;
  }

  /** Connections that are still to be looked at, or closed, for the changes made so far. */
  get pending(): number {
    return this.#work.pending;
  }

  /** Resolves when whatever has to go for the changes made so far is closed; of what goes, nothing was handed on since the change. */
  settled(): Promise<void> {
    return this.#work.settled();
  }

  /** Whether nobody is let in when the lease of the revocations has ended. */
  get refusesAfterLease(): boolean {
    return this.#leases.refuse;
  }

  /** Whether what is known of revocations still counts, of every trust domain. */
  get fresh(): boolean {
    return this.#leases.allFresh;
  }

  /** Calls `listener` after each new epoch, when of the connections that have to go none hands anything on any more; `settled` tells when they are closed. */
  onEpoch(listener: (epoch: number) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** @throws CS-PEER-010 */
  requireFresh(peer: string, trustDomain: string): void {
    if (!this.#leases.isFresh(trustDomain)) throw this.#leases.ended(peer, trustDomain);
  }

  /**
   * Whether a peer of a live connection may still be served at this moment: timers alone are not enough, since a machine
   * that slept runs them late. @throws CS-PEER-003, -008, -010, -020, -021
   */
  requireCurrent(peer: VerifiedPeer): void {
    this.requireUnexpired(peer);
    this.requireStatus(peer);
  }

  /** What lists, responders and staples say of it, asked again where that ran out or may have changed. @throws CS-PEER-008, -020, -021 */
  requireStatus(peer: VerifiedPeer): void {
    if (this.statuses === undefined) return;
    this.statuses.requireStanding(peer, this.#epoch);
    this.#statusTimer.arm();
  }

  /** @throws CS-PEER-003, -010 */
  requireUnexpired(peer: VerifiedPeer): void {
    this.requireFresh(peer.name, peer.trustDomain);
    if (this.clock.now() < expiryOf(peer)) return;
    throw new Refusal('CS-PEER-003', {
      subject: peer.name,
      reason: `notAfter ${toRfc3339(peer.notAfter)} passed on a live connection`,
    });
  }

  /** Ends everything where the lease, or what was known of a status, has ended; for clients before they use a connection, since after a sleep timers come late. */
  enforceLease(): void {
    if (!this.fresh) this.#look(concernedByLeases(this.connections, this.#leases.takeEnded()), 'urgent');
    if (this.statuses !== undefined && this.clock.now() >= this.statuses.earliest) this.#sweepStatuses();
  }

  /** For live connections alone: from now on it is closed when it has to be. */
  enter(connection: RestingConnection): void {
    this.connections.add(connection);
    this.#expiries.add(connection);
    this.#statusTimer.arm();
  }

  /** For live connections alone: its transport has ended. */
  leave(connection: RestingConnection): void {
    this.connections.remove(connection);
    this.#expiries.remove(connection);
  }

  /** Whether no moment has come at which the connection ends, whatever its peer is. */
  isTimely({ dueAt, peer }: RestingConnection): boolean {
    return this.clock.now() < dueAt && this.#leases.isFresh(peer.trustDomain) && this.statuses?.inTime(peer) !== false;
  }

  /**
   * Looks at one connection under what is trusted now: whether it still passes. Where it does not it is closed at once; in its turn where many are to be
   * closed already, since data comes in on thousands of connections between two slices.
   */
  judge(connection: RestingConnection): boolean {
    if (!this.connections.has(connection) || connection.doom !== undefined) return false;
    connection.doom = this.#refusalOf(connection);
    if (connection.doom === undefined) return true;
    this.#look([connection], 'urgent');
    return false;
  }

  /** For the peer verifier: each change of its policy is a new epoch, in which the connections that it let in are looked at again. */
  watchPolicy(policy: Source<unknown>, verifier: object): void {
    const onPolicy = (): void => {
      const since = this.clock.monotonic();
      this.#begin();
      this.#policyEpoch = this.#epoch;
      this.#look(this.connections.ofVerifier(verifier), 'urgent', since);
      this.#announce();
    };
    this.#endings.push(policy.watch(onPolicy));
  }

  /**
   * Closes the live connections of whomever `refusalOf` refuses, in their turn as after any change; of what goes, nothing is handed on from now on.
   * @returns how many
   */
  dismiss(refusalOf: (peer: VerifiedPeer) => Refusal | undefined): number {
    const since = this.clock.monotonic();
    const going = this.connections.all().filter((connection) => {
      if (connection.doom !== undefined) return false;
      connection.doom = refusalOf(connection.peer);
      return connection.doom !== undefined;
    });
    this.#look(going, 'urgent', since);
    return going.length;
  }

  /** Stops watching. The connections stay; their endpoints close them. */
  close(): void {
    for (const end of this.#endings) end();
    this.#leases.close();
    this.#statusTimer.cancel();
  }

  #begin(): void {
    this.#epoch++;
    this.#verdicts.beginEpoch();
  }

  /** What is no set of bundles trusts nobody: who is in goes, as nobody is let in; and who set it hears of it. */
  #onBundles(told: BundleSet): void {
    const before = this.#bundleSet;
    if (told === before) return;
    const value = isBundleSet(told) ? told : new BundleSet(before.home, [], before);
    const since = this.clock.monotonic();
    this.#bundleSet = value;
    this.#begin();
    this.#bundleEpoch = this.#epoch;
    const { below, rest } = concernedByBundles(this.connections, before, value);
    this.#work.add(below, 'urgent');
    this.#look(rest, 'waiting', since);
    this.#announce();
    if (value !== told) throw noBundles();
  }

  /** What is no view says of nobody that he is not revoked: it counts as none that was ever known. */
  #onRevocations(told: RevocationView): void {
    const before = this.#view;
    if (told === before) return;
    const value = isRevocationView(told) ? told : RevocationState.unknown;
    const since = this.clock.monotonic();
    this.#view = value;
    this.#verdicts.beginLease();
    this.#leases.take(value);
    this.#leases.arm();
    const revoked = revokedSince(before, value);
    // A new epoch for a heartbeat would empty the verifiers' caches each time.
    if (revoked === undefined) return;
    this.#begin();
    this.#look(concernedByRevocations(this.connections, revoked), 'urgent', since);
    this.#announce();
    if (value !== told) throw noRevocationView();
  }

  /** Something came, or ran out: what it says of a peer is asked again. */
  #onStatus(change: StatusChange): void {
    const since = this.clock.monotonic();
    this.#begin();
    this.statuses?.note(change, this.#epoch);
    const urgency = change.kind === 'certificates' ? 'urgent' : 'waiting';
    this.#look(concernedByStatus(this.connections, change), urgency, since);
    this.#announce();
  }

  #sweepStatuses(): void {
    const { statuses } = this;
    if (statuses === undefined) return;
    this.#look(statuses.sweep(this.connections.all()), 'urgent');
    this.#statusTimer.arm();
  }

  #look(connections: readonly RestingConnection[], urgency: Urgency, since?: number): void {
    this.#work.add(connections, urgency);
    this.#work.begin(since);
  }

  #endIfRefused(connection: RestingConnection): Worked {
    if (!this.connections.has(connection)) return 'seen';
    const refusal = connection.doom ?? this.#refusalOf(connection);
    if (refusal === undefined) return 'seen';
    this.#close(connection, refusal);
    return 'ended';
  }

  #refusalOf(connection: RestingConnection): Refusal | undefined {
    return this.#untimely(connection) ?? this.#unwanted(connection);
  }

  #untimely(connection: RestingConnection): Refusal | undefined {
    if (this.clock.now() >= connection.dueAt) return connection.refusalWhenDue();
    if (this.#leases.isFresh(connection.peer.trustDomain)) return undefined;
    return this.#verdicts.leaseEnded(connection.peer, (peer) => this.#leases.ended(peer.name, peer.trustDomain));
  }

  #unwanted(connection: RestingConnection): Refusal | undefined {
    const { peer } = connection;
    const ranOut = this.statuses?.inTime(peer) === false;
    if (connection.epoch === this.#epoch && !ranOut) return undefined;
    if (ranOut) this.#verdicts.forgetPassed(peer);
    const verdict = this.#verdicts.on(connection);
    if (verdict instanceof Refusal) return verdict;
    connection.epoch = this.#epoch;
    if (verdict !== connection.peer) this.#stand(connection, verdict);
    return undefined;
  }

  /** Its path is another one: other certificates that may be revoked, perhaps an earlier end. */
  #stand(connection: RestingConnection, peer: VerifiedPeer): void {
    this.leave(connection);
    connection.stand(peer);
    this.enter(connection);
  }

  #close(connection: RestingConnection, refusal: Refusal): void {
    this.leave(connection);
    const { carried = 1 } = connection;
    this.#closedTotal += carried;
    if (carried > 0) this.#closedByCode.set(refusal.code, (this.#closedByCode.get(refusal.code) ?? 0) + carried);
    // One that can't be closed must not save those after it.
    tell(() => connection.close(refusal));
  }

  #announce(): void {
    for (const listener of [...this.#listeners]) listener(this.#epoch);
  }
}

/** The first moment at which the peer's path is no longer valid: notAfter includes its last second (RFC 5280, 4.1.2.5). */
export function expiryOf(peer: VerifiedPeer): number {
  return peer.notAfter + 1000;
}
