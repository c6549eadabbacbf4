/**
 * What a workload trusts now, and the connections that rest on it: one per workload, shared by its endpoints.
 * A change of bundles, revocations or a policy makes a new epoch. Before the change returns, every connection that it may concern is marked, and hands
 * nothing on until it was looked at again; they are looked at, and closed, in slices, the first of them before the change returns as well.
 */
import { toRfc3339, type Clock, type Timer } from '../../../ground/clock/index.ts';
import { isRefusal, Refusal, type RefusalCode } from '../../../ground/errors/index.ts';
import {
  issuerKeyOf,
  revocationKey,
  RevocationState,
  type RevocationView,
  type RevokedEntry,
  type RevokedScope,
} from '../../../identity/revocation/index.ts';
import { type Bundle, BundleSet } from '../../../identity/spiffe/index.ts';
import { sha256 } from '../../cryptography/index.ts';
import { ConnectionIndex, type IndexedConnection } from './connection-index.ts';
import { type Due, ExpiryQueue } from './expiry-queue.ts';
import { Leases } from './leases.ts';
import { waitMs } from './longest-wait.ts';
import { type PeerStatuses, peerStatusesOf } from './peer-statuses.ts';
import type { BundleSource, RevocationSource } from '../context/credential.ts';
import { tell } from '../tell.ts';
import type { Undetermined } from '../peer/path-status.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';
import { type Sliceable, SlicedWork, type Urgency, type Worked } from './sliced-work.ts';
import type { Source } from './source.ts';
import type { StatusChange, StatusCheck } from './status-check.ts';

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
  /** Lists, responders and staples that are asked beside the revocations, for each certificate of a path. Default: none. */
  readonly statusChecks?: readonly StatusCheck[];
  /**
   * What becomes of a peer of which the checks that cover it can't say whether it is revoked. Default `refuse`: nobody is let in, and who is in is closed.
   * `letInUnlessKnownRevoked` lets in whoever was not known to be revoked last: who can keep a list or an answer from reaching this endpoint is let in
   * with a certificate that was revoked. A function says it of each trust domain.
   */
  readonly undetermined?: Undetermined | ((trustDomain: string) => Undetermined);
  /** Told of each peer that is let in, or goes on, though nothing says that it is good, with why (CS-PEER-021). */
  readonly onLetIn?: (why: Refusal) => void;
}

/** A connection as its trust keeps it. */
export interface RestingConnection extends IndexedConnection, Sliceable, Due {
  /** As it was verified last; its path, and so what can revoke it, may change with the bundles. */
  readonly peer: VerifiedPeer;
  /** The epoch in which it was looked at last. */
  epoch: number;
  /** Why it is to be closed, once that is certain: it hands nothing on from then on, whatever is trusted when its turn comes. */
  doom: Refusal | undefined;
  /** For how many it is counted when it is closed; absent for itself alone. */
  readonly carried?: number | undefined;
  /** Verifies the peer again under what is trusted now. @throws Refusal */
  recheck(): VerifiedPeer;
  /** Takes over what `recheck` returned. */
  stand(peer: VerifiedPeer): void;
  /** Why it ends at `dueAt`. */
  refusalWhenDue(): Refusal;
}

/** Called at `dueAt`, once. */
export interface Reminder extends Due, Sliceable {
  remind(): void;
}

export class Trust {
  readonly bundles: BundleSource;
  readonly revocations: RevocationSource;
  readonly clock: Clock;
  readonly connections: ConnectionIndex<RestingConnection> = new ConnectionIndex();
  /** For connections that are to be given up ahead of an end. */
  readonly reminders: ExpiryQueue<Reminder>;
  /** `undefined` where nothing is asked beside the revocations. For the endpoints alone. */
  readonly statuses: PeerStatuses | undefined;
  readonly #lease: 'refuseAfterLease' | 'continueAfterLease';
  readonly #listeners = new Set<(epoch: number) => void>();
  readonly #endings: (() => void)[];
  readonly #work: SlicedWork<RestingConnection>;
  readonly #expiries: ExpiryQueue<RestingConnection>;
  /** What came of the peers that were looked at in this epoch: a peer may have thousands of connections. */
  #verdicts = new WeakMap<VerifiedPeer, VerifiedPeer | Refusal>();
  /** The refusals of peers for the end of this lease, for the same reason. */
  #leaseRefusals = new WeakMap<VerifiedPeer, Refusal>();
  #bundleSet: BundleSet;
  #view: RevocationView;
  readonly #leases: Leases;
  #epoch = 1;
  #bundleEpoch = 1;
  #policyEpoch = 1;
  readonly #closedByCode = new Map<RefusalCode, number>();
  #closedTotal = 0;
  #leaseTimer: Timer | undefined;
  #statusTimer: { readonly timer: Timer; readonly at: number } | undefined;

  constructor(options: TrustOptions) {
    const { bundles, revocations, clock, lease = 'refuseAfterLease' } = options;
    this.bundles = bundles;
    this.revocations = revocations;
    this.clock = clock;
    this.#lease = lease;
    this.#work = new SlicedWork(clock, (connection) => this.#endIfRefused(connection));
    this.#expiries = new ExpiryQueue(clock, (due) => this.#look(due, 'urgent'));
    const reminding = new SlicedWork<Reminder>(clock, (reminder) => {
      tell(() => reminder.remind());
      return 'seen';
    });
    this.reminders = new ExpiryQueue(clock, (due) => {
      reminding.add(due, 'urgent');
      reminding.begin();
    });
    this.#bundleSet = bundles.current();
    this.#view = revocations.current();
    if (!isBundleSet(this.#bundleSet)) throw noBundles();
    if (!isView(this.#view)) throw noView();
    this.#leases = new Leases(clock);
    this.#leases.take(this.#view);
    this.statuses = peerStatusesOf(options);
    this.#endings = [
      bundles.watch((value) => this.#onBundles(value)),
      revocations.watch((value) => this.#onRevocations(value)),
      ...(this.statuses?.checks ?? []).map((check) => check.watch((change) => this.#onStatus(change))),
    ];
    this.#armLease();
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
    return this.#lease === 'refuseAfterLease';
  }

  /** Whether what is known of revocations still counts, of every trust domain. */
  get fresh(): boolean {
    return this.#lease === 'continueAfterLease' || this.#leases.allFresh;
  }

  #isFresh(trustDomain: string): boolean {
    return this.#lease === 'continueAfterLease' || this.#leases.isFresh(trustDomain);
  }

  /** Calls `listener` after each new epoch, when of the connections that have to go none hands anything on any more; `settled` tells when they are closed. */
  onEpoch(listener: (epoch: number) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** @throws CS-PEER-010 */
  requireFresh(peer: string, trustDomain: string): void {
    if (!this.#isFresh(trustDomain)) throw this.#leaseEnded(peer, trustDomain);
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
    this.#armStatuses();
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
    if (!this.fresh) this.#endLeases();
    if (this.statuses !== undefined && this.clock.now() >= this.statuses.earliest) this.#sweepStatuses();
  }

  /** For live connections alone: from now on it is closed when it has to be. */
  enter(connection: RestingConnection): void {
    this.connections.add(connection);
    this.#expiries.add(connection);
    this.#armStatuses();
  }

  /** For live connections alone: its transport has ended. */
  leave(connection: RestingConnection): void {
    this.connections.remove(connection);
    this.#expiries.remove(connection);
  }

  /** Whether no moment has come at which the connection ends, whatever its peer is. */
  isTimely({ dueAt, peer }: RestingConnection): boolean {
    return this.clock.now() < dueAt && this.#isFresh(peer.trustDomain) && this.statuses?.inTime(peer) !== false;
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
    this.#leaseTimer?.cancel();
    this.#statusTimer?.timer.cancel();
  }

  #begin(): void {
    this.#epoch++;
    this.#verdicts = new WeakMap();
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
    const domains = changedDomains(before, value);
    // Those under what was taken away come first: they are the ones that go.
    const below = [...removedIssuers(before, value, domains)].flatMap((key) => this.connections.ofIssuerKey(key));
    this.#work.add(below, 'urgent');
    // Which bundle certificates without a SPIFFE ID are looked up in may be another.
    const all = before.home !== value.home || before.attributed || value.attributed;
    const rest = all ? this.connections.all() : domains.flatMap((domain) => this.connections.ofTrustDomain(domain));
    this.#look(rest, 'waiting', since);
    this.#announce();
    if (value !== told) throw noBundles();
  }

  /** What is no view says of nobody that he is not revoked: it counts as none that was ever known. */
  #onRevocations(told: RevocationView): void {
    const before = this.#view;
    if (told === before) return;
    const value = isView(told) ? told : RevocationState.unknown;
    const since = this.clock.monotonic();
    this.#view = value;
    this.#leaseRefusals = new WeakMap();
    this.#leases.take(value);
    this.#armLease();
    const added = value.addedSince?.(before);
    const { scopes = [], released = false } = value.otherwiseSince?.(before) ?? {};
    // A heartbeat moves the lease alone; a new epoch for it would empty the verifiers' caches each time.
    if (added?.length === 0 && scopes.length === 0 && !released) return;
    this.#begin();
    const concerned = added?.flatMap((entry) => this.#revokedBy(entry));
    const widely = concerned === undefined ? [] : scopes.flatMap((scope) => this.#within(scope));
    this.#look(concerned === undefined ? this.connections.all() : [...concerned, ...widely], 'urgent', since);
    this.#announce();
    if (value !== told) throw noView();
  }

  /** Something came, or ran out: what it says of a peer is asked again. */
  #onStatus(change: StatusChange): void {
    const since = this.clock.monotonic();
    this.#begin();
    this.statuses?.note(change, this.#epoch);
    const urgency = change.kind === 'certificates' ? 'urgent' : 'waiting';
    this.#look(this.#concernedBy(change), urgency, since);
    this.#announce();
  }

  #concernedBy(change: StatusChange): readonly RestingConnection[] {
    if (change.kind === 'issuers') return change.issuerKeys.flatMap((key) => this.connections.ofIssuerKey(key));
    if (change.kind === 'certificates')
      return change.revocationKeys.flatMap((key) => this.connections.withRevocationKey(key));
    return this.connections.all();
  }

  #sweepStatuses(): void {
    const { statuses } = this;
    if (statuses === undefined) return;
    this.#look(statuses.sweep(this.connections.all()), 'urgent');
    this.#armStatuses();
  }

  /** The checks tell when something ran out; where one does not, or its own timer is late, this does. */
  #armStatuses(): void {
    const { statuses } = this;
    if (statuses === undefined || statuses.earliest >= (this.#statusTimer?.at ?? Number.POSITIVE_INFINITY)) return;
    this.#statusTimer?.timer.cancel();
    const now = this.clock.now();
    const at = Math.max(statuses.earliest, now + shortestSweepMs);
    const onTimer = (): void => {
      this.#statusTimer = undefined;
      if (this.clock.now() >= at) this.#sweepStatuses();
      else this.#armStatuses();
    };
    this.#statusTimer = { timer: this.clock.after(waitMs(at, now), onTimer, { unref: true }), at };
  }

  #revokedBy({ issuerKey, serialNumber }: RevokedEntry): readonly RestingConnection[] {
    return this.connections.withRevocationKey(revocationKey(issuerKey, serialNumber));
  }

  #within(scope: RevokedScope): readonly RestingConnection[] {
    if (scope.kind === 'identity') return this.connections.ofIdentity(scope.identity);
    return this.connections.ofIssuerKey(scope.issuerKey);
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
    if (this.#isFresh(connection.peer.trustDomain)) return undefined;
    return remembered(this.#leaseRefusals, connection.peer, (peer) => this.#leaseEnded(peer.name, peer.trustDomain));
  }

  #unwanted(connection: RestingConnection): Refusal | undefined {
    const { peer } = connection;
    const ranOut = this.statuses?.inTime(peer) === false;
    if (connection.epoch === this.#epoch && !ranOut) return undefined;
    // What it was let go on for in this epoch holds no more; why it was refused does.
    if (ranOut && !(this.#verdicts.get(peer) instanceof Refusal)) this.#verdicts.delete(peer);
    const verdict = remembered(this.#verdicts, peer, () => verdictOn(connection));
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

  #armLease(): void {
    this.#leaseTimer?.cancel();
    const inMs = this.#leases.nextInMs();
    if (this.#lease === 'continueAfterLease' || inMs === Number.POSITIVE_INFINITY) return;
    this.#leaseTimer = this.clock.after(waitMs(inMs, 0), () => this.#onLeaseTimer(), { unref: true });
  }

  #onLeaseTimer(): void {
    this.enforceLease();
    this.#armLease();
  }

  /** Of the trust domains whose leases have ended alone. */
  #endLeases(): void {
    const ended = this.#leases.takeEnded();
    const going =
      ended === 'all' ? this.connections.all() : ended.flatMap((domain) => this.connections.ofTrustDomain(domain));
    this.#look(going, 'urgent');
  }

  #leaseEnded(peer: string, trustDomain: string): Refusal {
    return new Refusal('CS-PEER-010', { peer, freshUntil: toRfc3339(this.#leases.freshUntil(trustDomain)) });
  }
}

/** The first moment at which the peer's path is no longer valid: notAfter includes its last second (RFC 5280, 4.1.2.5). */
export function expiryOf(peer: VerifiedPeer): number {
  return peer.notAfter + 1000;
}

/** A check that fails for a reason of its own must not leave a connection open. */
function verdictOn(connection: RestingConnection): VerifiedPeer | Refusal {
  try {
    return connection.recheck();
  } catch (cause) {
    if (isRefusal(cause)) return cause;
    const evidence = { subject: connection.peer.name, reason: 'could not be verified again' };
    return new Refusal('CS-PEER-006', evidence, { cause });
  }
}

/** All connections are gone through for those whose status ran out, no more often than this. Own choice; the gate holds each of them to its own moment. */
const shortestSweepMs = 1_000;

/** Types are not there at run time: sources are written in plain JavaScript, too, and yield what a broken file or service left of a value. */
function isBundleSet(value: unknown): boolean {
  return value instanceof BundleSet;
}

function isView(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'isRevoked' in value &&
    typeof value.isRevoked === 'function' &&
    'freshUntil' in value &&
    typeof value.freshUntil === 'number' &&
    value.freshUntil >= 0
  );
}

function noBundles(): TypeError {
  return new TypeError('bundles are a source of BundleSet');
}

function noView(): TypeError {
  return new TypeError('revocations are a source of RevocationView: withoutRevocation, or what a feed yields');
}

function changedDomains(before: BundleSet, after: BundleSet): readonly string[] {
  const domains = new Set([...before.all(), ...after.all()].map(({ trustDomain }) => trustDomain));
  return [...domains].filter((domain) => before.get(domain) !== after.get(domain));
}

/** The keys of anchors and intermediates that the bundles of these domains no longer hold. */
function removedIssuers(before: BundleSet, after: BundleSet, domains: readonly string[]): ReadonlySet<string> {
  const keysIn = (set: BundleSet): readonly string[] => domains.flatMap((domain) => issuersIn(set.get(domain)));
  const kept = new Set(keysIn(after));
  return new Set(keysIn(before).filter((key) => !kept.has(key)));
}

function issuersIn(bundle: Bundle | undefined): readonly string[] {
  if (bundle === undefined) return [];
  return [...bundle.anchors, ...bundle.intermediates].map((issuer) => issuerKeyOf(issuer, sha256));
}

function remembered<V>(map: WeakMap<VerifiedPeer, V>, peer: VerifiedPeer, make: (peer: VerifiedPeer) => V): V {
  const known = map.get(peer);
  if (known !== undefined) return known;
  const made = make(peer);
  map.set(peer, made);
  return made;
}
