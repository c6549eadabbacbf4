/** The endpoints that hold a lease of the feed: subscribed now, or heard of within the time that their lease lasts. */
import type { Clock } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import type { AfterLease, StatusReport } from '../../runtime/api/index.ts';
import type { EndpointRecord, EndpointRegister } from './endpoint-register.ts';
import { ReportedMeans } from './reported-means.ts';

export interface EndpointName {
  readonly spiffeId: string;
  readonly endpoint: string;
}

interface Known extends EndpointName {
  serialNumber: string;
  acknowledged: number;
  /** When the last message went to it, or was known to have. */
  seenAtMs: number;
  /** The same on the monotonic clock; absent for who was last heard of before a restart. */
  seenMonotonicMs?: number;
  subscribed: boolean;
  afterLease?: AfterLease | undefined;
  /** When its stream ended, on the monotonic clock. */
  leftMs?: number;
}

/** An endpoint that changes its certificate subscribes anew at once; for so long after its stream ended it is still waited for. Own choice. */
const comebackMs = 1_000;

/**
 * Names that one identity may hold leases under: beyond it, who takes a new name each time would fill the memory, and what `revoke` answers.
 * Own choice: a service of 100 replicas, each starting anew every 8 minutes without a farewell, for the 12 hours of a lease.
 */
const mostOfOneIdentity = 10_000;

export interface Holder extends EndpointName {
  /** Of the certificate with which it subscribed. */
  readonly serialNumber: string;
  readonly acknowledged: number;
  readonly subscribed: boolean;
  readonly leaseEndsMs: number;
  /** What it does then; absent for `refuse`. */
  readonly afterLease?: AfterLease | undefined;
  /** Whether it is likely to acknowledge soon; the others are named as unreachable without waiting. */
  readonly expected: boolean;
  /** What it told of lists and responders that it asks; not kept over a restart, since it tells again. */
  readonly means?: StatusReport | undefined;
}

export interface Acknowledgement extends EndpointName {
  readonly number: number;
  readonly closed: number;
  readonly means?: StatusReport | undefined;
}

export class Endpoints {
  readonly #known = new Map<string, Known>();
  readonly #countOf = new Map<string, number>();
  readonly #changed = new Set<Known>();
  readonly #reported = new ReportedMeans();
  readonly #listeners = new Set<(acknowledgement: Acknowledgement | undefined) => void>();
  readonly #register: EndpointRegister;
  readonly #clock: Clock;
  readonly #leaseMs: number;

  private constructor(register: EndpointRegister, clock: Clock, leaseMs: number) {
    this.#register = register;
    this.#clock = clock;
    this.#leaseMs = leaseMs;
  }

  static async load(register: EndpointRegister, clock: Clock, leaseMs: number): Promise<Endpoints> {
    const endpoints = new Endpoints(register, clock, leaseMs);
    for (const record of await register.load(clock.now() - leaseMs)) endpoints.#keep({ ...record });
    return endpoints;
  }

  /** From now on it is waited for; on disk when this resolves, so that a restart does not forget it. */
  async subscribe(name: EndpointName, serialNumber: string, afterLease?: AfterLease): Promise<void> {
    const { spiffeId, endpoint } = name;
    const before = this.#known.get(keyOf(name));
    if (before === undefined && (this.#countOf.get(spiffeId) ?? 0) >= mostOfOneIdentity)
      throw new Refusal('CS-ACCESS-008', { spiffeId, maximum: mostOfOneIdentity });
    const known = {
      spiffeId,
      endpoint,
      serialNumber,
      acknowledged: before?.acknowledged ?? 0,
      seenAtMs: this.#clock.now(),
      seenMonotonicMs: this.#clock.monotonic(),
      subscribed: true,
      afterLease,
    };
    this.#keep(known);
    await this.#register.record([recordOf(known)]);
  }

  unsubscribe(name: EndpointName): void {
    const known = this.#known.get(keyOf(name));
    if (known === undefined) return;
    known.subscribed = false;
    known.leftMs = this.#clock.monotonic();
    this.#changed.add(known);
    this.#clock.after(comebackMs, () => this.#tell(undefined), { unref: true });
  }

  /** It has said that it serves nobody any more: there is nothing left to enforce. */
  async leave(name: EndpointName): Promise<void> {
    const known = this.#known.get(keyOf(name));
    if (known === undefined) return;
    this.#forget(known);
    this.#tell(undefined);
    await this.#register.record([recordOf(known)]);
  }

  /** Those that subscribed with one of these certificates: revoked, they are not waited for; nor after a restart, when this resolves. */
  async forgetCertificates(serialNumbers: readonly string[]): Promise<void> {
    const revoked = new Set(serialNumbers);
    const gone = [...this.#known.values()].filter(({ serialNumber }) => revoked.has(serialNumber));
    for (const known of gone) this.#forget(known);
    if (gone.length > 0) await this.#register.record(gone.map(recordOf));
  }

  /** Counts at once; on disk when this resolves. */
  async acknowledge(acknowledgement: Acknowledgement, latest: number): Promise<void> {
    const { endpoint, number } = acknowledgement;
    const known = this.#known.get(keyOf(acknowledgement));
    if (known === undefined || number > latest) throw new Refusal('CS-ACCESS-007', { endpoint, number });
    known.acknowledged = Math.max(known.acknowledged, number);
    this.#reported.take(known, acknowledgement.means);
    this.#tell(acknowledgement);
    await this.#register.record([recordOf(known)]);
  }

  /** A message went out to all that are subscribed. */
  reached(atMs: number): void {
    const monotonicMs = this.#clock.monotonic();
    for (const known of this.#known.values()) {
      if (!known.subscribed) continue;
      known.seenAtMs = Math.max(known.seenAtMs, atMs);
      known.seenMonotonicMs = monotonicMs;
    }
  }

  /** Whether anybody is likely to acknowledge `number` soon who has not. Asked at each acknowledgement, so it makes nothing. */
  missing(number: number): boolean {
    const monotonicMs = this.#clock.monotonic();
    for (const known of this.#known.values())
      if (known.acknowledged < number && isExpected(known, monotonicMs)) return true;
    return false;
  }

  /** Those whose lease has not ended: who may accept something because of it. */
  holders(): readonly Holder[] {
    const [nowMs, monotonicMs] = [this.#clock.now(), this.#clock.monotonic()];
    return [...this.#known.values()]
      .map((known) => ({
        ...known,
        leaseEndsMs: Math.max(known.seenAtMs, seenByNow(known, nowMs - monotonicMs)) + this.#leaseMs,
        expected: isExpected(known, monotonicMs),
        means: this.#reported.of(known),
      }))
      .filter(({ subscribed, leaseEndsMs }) => subscribed || leaseEndsMs > nowMs);
  }

  /** Calls `listener` at each acknowledgement, and with `undefined` when somebody has gone. */
  watch(listener: (acknowledgement: Acknowledgement | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Puts on disk what has changed, and forgets whose lease has ended. */
  async save(atMs: number): Promise<void> {
    const changed = [...this.#changed];
    this.#changed.clear();
    const held = new Set(this.holders().map(keyOf));
    for (const [key, known] of this.#known) {
      if (held.has(key)) continue;
      this.#drop(known);
      this.#reported.drop(known);
    }
    try {
      if (changed.length > 0) await this.#register.record(changed.map(recordOf));
    } catch (error) {
      for (const known of changed) this.#changed.add(known);
      throw error;
    }
    await this.#register.touch(atMs);
  }

  #keep(known: Known): void {
    this.#drop(known);
    this.#known.set(keyOf(known), known);
    this.#countOf.set(known.spiffeId, (this.#countOf.get(known.spiffeId) ?? 0) + 1);
  }

  #drop(known: EndpointName): void {
    if (!this.#known.delete(keyOf(known))) return;
    const left = (this.#countOf.get(known.spiffeId) ?? 0) - 1;
    if (left > 0) this.#countOf.set(known.spiffeId, left);
    else this.#countOf.delete(known.spiffeId);
  }

  #forget(known: Known): void {
    this.#drop(known);
    this.#reported.drop(known);
    known.subscribed = false;
    // Seen never: the register drops it at the next start.
    known.seenAtMs = 0;
    this.#changed.add(known);
  }

  #tell(acknowledgement: Acknowledgement | undefined): void {
    for (const listener of [...this.#listeners]) listener(acknowledgement);
  }
}

/** A clock here that jumps ahead ends nobody's lease elsewhere. @param monotonicToWall what is added to a moment of the monotonic clock */
function seenByNow({ seenMonotonicMs }: Known, monotonicToWall: number): number {
  return seenMonotonicMs === undefined ? 0 : seenMonotonicMs + monotonicToWall;
}

function isExpected({ subscribed, leftMs }: Known, monotonicMs: number): boolean {
  return subscribed || (leftMs !== undefined && monotonicMs < leftMs + comebackMs);
}

/** Neither part holds a space. */
function keyOf({ spiffeId, endpoint }: EndpointName): string {
  return `${spiffeId} ${endpoint}`;
}

function recordOf(known: Known): EndpointRecord {
  const { spiffeId, endpoint, serialNumber, acknowledged, seenAtMs, subscribed, afterLease } = known;
  const record = { spiffeId, endpoint, serialNumber, acknowledged, seenAtMs, subscribed };
  return afterLease === undefined ? record : { ...record, afterLease };
}
