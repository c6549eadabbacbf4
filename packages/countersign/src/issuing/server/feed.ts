/** The feed's sending end: numbered, signed messages to everybody who is subscribed, and a heartbeat so that silence is noticed. */
import type { Clock, Timer } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import {
  type FeedAuditHead,
  type FeedMessage,
  type FeedSigner,
  RevocationState,
  type RevokedEntry,
  type RevokedScope,
  ScopeSet,
  signFeedMessage,
  type StateMessage,
} from '../../identity/revocation/index.ts';
import { type Actor, type AuditEvent, auditEvent, type AuditJournal } from '../../runtime/audit/index.ts';
import type { AfterLease } from '../../runtime/api/index.ts';
import { MutableSource, type RevocationSource } from '../../runtime/tls/index.ts';
import { LoggedHead } from './logged-head.ts';
import type { EndpointName, Endpoints } from './endpoints.ts';
import { type FeedEvent, feedEvent, type FeedStream } from './feed-stream.ts';
import { OwnRevocations } from './own-revocations.ts';
import type {
  FeedChange,
  FeedState,
  RevocationLedger,
  ReleaseResult,
  RevocationOrder,
  RevocationResult,
} from './revocation-ledger.ts';
import { changeEvents, changeMessage, stateMessage } from './feed-messages.ts';
import { revokeEvent } from './revoke-event.ts';
import type { RecoveryLedger } from './recovery-ledger.ts';
import type { ServerLog } from './server-event.ts';
import { type Subscription, Subscriptions } from './subscriptions.ts';
import { type Turns, turns } from './turns.ts';

export interface FeedOptions {
  readonly ledger: RevocationLedger;
  readonly endpoints: Endpoints;
  readonly recovery: Pick<RecoveryLedger, 'relearnRevocations'>;
  /** Its head goes out with each message. */
  readonly audit: Pick<AuditJournal, 'head' | 'read'>;
  /** Lower-case hexadecimal SHA-256 of the root. */
  readonly authority: string;
  readonly signer: () => FeedSigner;
  readonly clock: Clock;
  readonly heartbeatMs: number;
  readonly leaseMs: number;
  readonly log: ServerLog;
}

export interface Subscriber extends EndpointName {
  readonly serialNumber: string;
  /** The number up to which it knows the feed. */
  readonly lastNumber?: number | undefined;
  /** The lease that it was given with its last whole state. */
  readonly leaseMs?: number | undefined;
  /** What it remembers of the audit log. */
  readonly remembers?: FeedAuditHead | undefined;
  readonly afterLease?: AfterLease | undefined;
  /** Nothing rests on it: it holds no lease. */
  readonly observes?: boolean | undefined;
}

export interface SubscriberConnection {
  readonly gone: boolean;
  open(): FeedStream;
}

/** Changes that are sent one by one to who comes back; beyond it the whole state is shorter. Own choice. */
const mostMissedChanges = 100;

/** Subscriptions of one identity: replicas. Own choice; each costs about 80 KB. */
const mostOfOneIdentity = 1000;

/** 64 MiB: what waits for the subscriptions of one identity; one that reads nothing, many times over, gets no further state. Own choice. */
const mostWaitingOfOneIdentity = 64 * 1024 * 1024;

export class Feed {
  readonly #options: FeedOptions;
  readonly #subscriptions = new Subscriptions();
  /**
   * Subscribing and publishing take turns, so that nobody misses a change between the state and the first message after it.
   * Publishing comes next, however many want to subscribe: nobody can put off his own revocation.
   */
  readonly #turns: Turns = turns();
  readonly #revocations: MutableSource<OwnRevocations>;
  readonly #logged: LoggedHead;
  #latestMs: number;
  #timer: Timer | undefined;
  #closed = false;
  /** Whether a change may be on disk that nobody was told: its recording failed, and what is recorded could not be read since. */
  #uncertain = false;
  /** One endpoint's word is enough for a person to look; the others say the same. */
  #wentBack = false;

  private constructor(options: FeedOptions, state: FeedState, message: StateMessage, logged: LoggedHead) {
    this.#options = options;
    this.#logged = logged;
    this.#latestMs = state.latestMs;
    this.#revocations = new MutableSource(new OwnRevocations(RevocationState.unknown.apply(message, message.at)));
    this.#arm();
  }

  /** The bundle must have been established. */
  static async open(options: FeedOptions): Promise<Feed> {
    const state = await options.ledger.feedState(options.clock.now());
    const atMs = Math.max(options.clock.now(), state.latestMs);
    const logged = await LoggedHead.read(options.audit, options.log);
    return new Feed(options, state, stateMessage(options, state, atMs, logged.current), logged);
  }

  /** What is revoked, for the authority's own server. */
  get revocations(): RevocationSource {
    return this.#revocations;
  }

  /** Whether whatever the scope concerns is revoked already. */
  covers(scope: RevokedScope): boolean {
    return ScopeSet.empty.with([...this.#revocations.current().state.scopes], 0).covers(scope);
  }

  get number(): number {
    return this.#revocations.current().number;
  }

  get lease(): { readonly leaseMs: number; readonly heartbeatMs: number } {
    return this.#options;
  }

  get subscribed(): number {
    return this.#subscriptions.size;
  }

  /** The feed's time: the clock's, but never before that of an earlier message, since endpoints take those for replayed. */
  now(): number {
    this.#latestMs = Math.max(this.#latestMs, this.#options.clock.now());
    return this.#latestMs;
  }

  /** Sends what the subscriber has missed, then everything as it comes. The stream's end is told by `drop`. */
  async subscribe(subscriber: Subscriber, connection: SubscriberConnection): Promise<void> {
    await this.#turns.take(async () => {
      // Whoever went away, or was revoked, while he waited for his turn.
      if (connection.gone) return;
      if (this.#closed) throw new Refusal('CS-ACCESS-009', { endpoint: 'the feed, which is closing' });
      this.#requireRoom(subscriber);
      const answer = await this.#logged.answerTo(subscriber);
      this.#compare(subscriber);
      const [first, ...rest] = await this.#missed(subscriber);
      const answered = first === undefined ? rest : [{ ...first, ...answer }, ...rest];
      const messages = answered.map((message) => this.#signed(message));
      const older = this.#subscriptions.of(subscriber);
      if (older !== undefined) this.#end(older);
      if (subscriber.observes !== true)
        await this.#options.endpoints.subscribe(subscriber, subscriber.serialNumber, subscriber.afterLease);
      const stream = connection.open();
      this.#subscriptions.add(subscriber, stream);
      for (const message of messages) stream.send(message);
      if (stream.ended) this.drop(stream);
    });
  }

  /** The endpoint keeps what it knows, and refuses what it is told under lower numbers; here it is told to whoever runs the authority. */
  #compare({ spiffeId, endpoint, lastNumber: told }: Subscriber): void {
    if (told === undefined || told <= this.number || this.#wentBack) return;
    this.#wentBack = true;
    const refusal = new Refusal('CS-STORE-008', { told, found: this.number });
    this.#options.log({ event: 'database-went-back', spiffeId, endpoint, refusal });
  }

  /** The stream has ended, from whichever side. */
  drop(stream: FeedStream): void {
    const dropped = this.#subscriptions.drop(stream);
    if (dropped !== undefined) this.#options.endpoints.unsubscribe(dropped.name);
  }

  /**
   * Revokes and tells everybody. `beforeTelling` runs between the two, with the result: to prepare for acknowledgements.
   * The revoked are closed on the authority's own connections when this resolves.
   */
  async revoke(
    order: Omit<RevocationOrder, 'atMs'>,
    actor: Actor,
    beforeTelling: (result: RevocationResult) => Promise<void>,
  ): Promise<RevocationResult | undefined> {
    return this.#turns.takeNext(async () => {
      if (this.#uncertain) await this.#readAnew();
      const atMs = this.now();
      const result = await this.#recorded(() =>
        this.#options.ledger.revoke({ ...order, atMs }, revokeEvent(order, actor, atMs)),
      );
      if (result === undefined) return undefined;
      try {
        await this.#logged.refresh();
        await this.#options.endpoints.forgetCertificates(result.serialNumbers);
        await beforeTelling(result);
      } finally {
        // Whatever happened to the preparation: what is on disk must be told.
        if (result.change !== undefined) this.#publish(result.change);
      }
      return result;
    });
  }

  /** Ends a hold and tells everybody; as `revoke`. */
  async release(
    serialNumber: string,
    actor: Actor,
    beforeTelling: (change: FeedChange) => void,
  ): Promise<ReleaseResult> {
    return this.#turns.takeNext(async () => {
      if (this.#uncertain) await this.#readAnew();
      const atMs = this.now();
      const event = auditEvent('certificate.release', { atMs, actor });
      const result = await this.#recorded(() => this.#options.ledger.release({ serialNumber, atMs }, event));
      if (result.outcome !== 'released') return result;
      try {
        await this.#logged.refresh();
        beforeTelling(result.change);
      } finally {
        this.#publish(result.change);
      }
      return result;
    });
  }

  /** What an earlier life had revoked, believed: on disk and told to everybody when this resolves. The number of what was new. */
  async relearn(
    entries: readonly RevokedEntry[],
    event: AuditEvent,
    scopes: readonly RevokedScope[] = [],
  ): Promise<number> {
    return this.#turns.takeNext(async () => {
      if (this.#uncertain) await this.#readAnew();
      const change = await this.#recorded(() =>
        this.#options.recovery.relearnRevocations(entries, this.now(), event, scopes),
      );
      if (change === undefined) return 0;
      await this.#logged.refresh();
      this.#publish(change);
      return change.revoked.length + (change.scopes?.length ?? 0);
    });
  }

  /** Ends all streams, so that nobody waits for messages that will not come. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#turns.takeNext(async () => {
      for (const subscription of this.#subscriptions.all()) this.#end(subscription);
      await this.#options.endpoints.save(this.now());
    });
  }

  #publish(change: FeedChange): void {
    const { authority, endpoints, log } = this.#options;
    const { atMs: at } = change;
    const message = changeMessage(change, { authority, audit: this.#logged.current });
    const { state } = this.#revocations.current();
    try {
      this.#revocations.set(new OwnRevocations(state.apply(message, at)));
    } finally {
      this.#tellAll(message);
      endpoints.reached(at);
    }
    for (const event of changeEvents(change)) log(event);
  }

  /** What the disk refused may be on it all the same: then the state there is another than the one that was told. */
  async #recorded<T>(record: () => Promise<T>): Promise<T> {
    try {
      return await record();
    } catch (error) {
      this.#uncertain = true;
      // Storage that can not be read either is asked again at the next message.
      await this.#readAnew().catch(() => undefined);
      throw error;
    }
  }

  /** Takes the state from the disk, and tells it whole where it is another than the one that was told last. */
  async #readAnew(): Promise<void> {
    const state = await this.#options.ledger.feedState(this.now());
    this.#uncertain = false;
    if (state.number === this.number) return;
    await this.#logged.refresh();
    const message = stateMessage(this.#options, state, this.now(), this.#logged.current);
    this.#revocations.set(new OwnRevocations(this.#revocations.current().state.apply(message, message.at)));
    this.#tellAll(message);
  }

  #tellAll(message: FeedMessage): void {
    if (this.#subscriptions.size === 0) return;
    try {
      const signed = this.#signed(message);
      for (const stream of this.#subscriptions.streams()) stream.send(signed);
    } catch (error) {
      // Who has missed a message must come back for it.
      this.#options.log({ event: 'failed', what: 'signing a message of the feed', why: String(error) });
      for (const subscription of this.#subscriptions.all()) this.#end(subscription);
    }
  }

  #arm(): void {
    this.#timer = this.#options.clock.after(this.#options.heartbeatMs, () => void this.#beat(), { unref: true });
  }

  async #beat(): Promise<void> {
    const { authority, endpoints, log } = this.#options;
    try {
      await this.#turns.takeNext(async () => {
        if (this.#closed) return;
        if (this.#uncertain) await this.#readAnew();
        if (this.#subscriptions.size > 0) await this.#logged.refresh();
        const at = this.now();
        this.#tellAll({ kind: 'heartbeat', authority, number: this.number, at, audit: this.#logged.current });
        endpoints.reached(at);
        if (this.#subscriptions.size > 0) await endpoints.save(at);
      });
    } catch (error) {
      log({ event: 'failed', what: 'the heartbeat of the feed', why: String(error) });
    }
    if (!this.#closed) this.#arm();
  }

  async #missed({ lastNumber: told, leaseMs: given }: Subscriber): Promise<FeedMessage[]> {
    const { ledger, authority, leaseMs } = this.#options;
    // The lease comes with a whole state alone: one of another length would go on, and be longer than it is said to be.
    const lastNumber = given === undefined || given === leaseMs ? told : undefined;
    const audit = this.#logged.current;
    const heartbeat: FeedMessage = { kind: 'heartbeat', authority, number: this.number, at: this.now(), audit };
    if (lastNumber === this.number) return [heartbeat];
    const changes =
      lastNumber === undefined || lastNumber > this.number
        ? undefined
        : await ledger.changesAfter(lastNumber, mostMissedChanges);
    if (changes === undefined) {
      const state = await ledger.feedState(this.now());
      return [stateMessage(this.#options, state, this.now(), audit)];
    }
    const messages = changes.map((change): FeedMessage => changeMessage(change, { authority, audit }));
    return [...messages, { ...heartbeat, at: this.now() }];
  }

  #requireRoom({ spiffeId }: Subscriber): void {
    const { count, waiting } = this.#subscriptions.under(spiffeId);
    if (count >= mostOfOneIdentity) throw new Refusal('CS-ACCESS-008', { spiffeId, maximum: mostOfOneIdentity });
    if (waiting > mostWaitingOfOneIdentity) throw new Refusal('CS-ACCESS-008', { spiffeId, maximum: count });
  }

  #end(subscription: Subscription): void {
    subscription.stream.end();
    this.drop(subscription.stream);
  }

  #signed(message: FeedMessage): FeedEvent {
    return feedEvent(message.kind, message.number, signFeedMessage(message, this.#options.signer()));
  }
}
