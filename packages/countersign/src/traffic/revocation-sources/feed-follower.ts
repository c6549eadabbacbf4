/** Follows the authority's feed for as long as it runs: verifies, applies, acknowledges, and comes back by itself. */
import type { Timer } from '../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { bundleOf, RevocationState, verifyFeedMessage, type FeedMessage } from '../../identity/revocation/index.ts';
import type { Bundle } from '../../identity/spiffe/index.ts';
import { sameCertificates } from '../../identity/x509/index.ts';
import { exchange, startDeadline } from '../../runtime/api/index.ts';
import { sha256, verifySignature } from '../../runtime/cryptography/index.ts';
import { AuditWitness } from './audit-witness.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { backoffMs } from './backoff.ts';
import type { ServerSentEvent } from './event-stream.ts';
import { type FeedConnection, openFeedConnection } from './feed-connection.ts';
import type { FeedEvent } from './feed-event.ts';
import type { FeedOptions } from './feed-options.ts';
import { readFeedStream } from './feed-stream.ts';
import { Returns } from './returns.ts';

/** Heartbeats that may be missed before the feed counts as silent. */
const missedHeartbeats = 3;

/** Before the first state says how often heartbeats come. Our own choice. */
const firstSilenceMs = 10_000;

/** How long an endpoint that ends waits for the authority to hear of it. Our own choice: who ends a service does not wait long. */
const farewellMs = 1_000;

/** Why a stream was given up to be opened again at once: with a new credential. */
const renewed = Symbol('the credential was renewed');

export class FeedFollower {
  readonly #options: FeedOptions;
  readonly #connection: FeedConnection;
  readonly #acknowledgements: Acknowledgements;
  readonly #witness: AuditWitness;
  readonly #returns: Returns;
  readonly #closing = new AbortController();
  readonly #first: { promise: Promise<void>; resolve: () => void; reject: (reason: unknown) => void };
  readonly #endWatch: () => void;
  readonly #done: Promise<void>;
  #settling: Promise<void> = Promise.resolve();
  #closedTold = 0;
  #stream = new AbortController();
  #state: RevocationState;
  #needsState: boolean;
  #failures = 0;
  #warned = false;
  #bundleSequence = -1;
  #leaseTimer: Timer | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#first = Promise.withResolvers();
    const { revocations, clock, endpoint } = options;
    const held = revocations.current();
    this.#state = held instanceof RevocationState ? held : RevocationState.unknown;
    this.#needsState = this.#state === RevocationState.unknown;
    const connection = openFeedConnection(options);
    this.#connection = connection;
    this.#acknowledgements = new Acknowledgements({
      connection,
      acknowledge: connection.routes.acknowledge,
      endpoint,
      clock,
      report: options.report,
      tell: (event) => this.#tell(event),
      signal: this.#closing.signal,
    });
    this.#returns = new Returns({
      connection: options.socket === undefined ? connection : undefined,
      clock,
      tell: (event) => this.#tell(event),
      signal: this.#closing.signal,
    });
    this.#witness = new AuditWitness({
      memory: options.auditMemory,
      authority: options.rootSha256,
      clock,
      tell: (event) => this.#tell(event),
    });
    this.#endWatch = connection.watch(() => this.#stream.abort(renewed));
    // Whoever does not wait for it must not be ended by it.
    this.#first.promise.catch(() => undefined);
    this.#done = this.#run();
  }

  /** Resolves when the first state is in force; rejects when the follower is closed before. */
  get ready(): Promise<void> {
    return this.#first.promise;
  }

  /** The number of the feed up to which everything is in force here. */
  get number(): number {
    return this.#state.number;
  }

  /**
   * Ends it. What is known stays in force until its lease ends.
   * @param options.leaving all connections that rest on it are closed: the authority is told, so that no revocation waits for this endpoint
   */
  async close({ leaving = false }: { leaving?: boolean } = {}): Promise<void> {
    this.#closing.abort(new Refusal('CS-FEED-008', { reason: 'following was ended' }));
    this.#stream.abort(this.#closing.signal.reason);
    this.#endWatch();
    this.#leaseTimer?.cancel();
    await this.#done;
    await this.#settling;
    await this.#returns.close();
    await this.#witness.close();
    if (leaving) await this.#sayFarewell();
    await this.#connection.close();
    this.#first.reject(this.#closing.signal.reason);
  }

  /** An authority that does not hear it waits for the lease to end instead; nothing is lost but patience. */
  async #sayFarewell(): Promise<void> {
    const { endpoint, clock } = this.#options;
    const deadline = startDeadline(clock, farewellMs);
    try {
      await exchange(this.#connection.routes.leave, { endpoint }, this.#connection, deadline);
      this.#tell({ type: 'left' });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#tell({ type: 'not-left', error });
    } finally {
      deadline.cancel();
    }
  }

  async #run(): Promise<void> {
    await this.#witness.load();
    while (!this.#closing.signal.aborted) {
      this.#stream = new AbortController();
      try {
        await this.#followOnce(this.#stream.signal);
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        if (error === renewed) continue;
        await this.#afterFailure(error);
      }
    }
  }

  #followOnce(signal: AbortSignal): Promise<never> {
    const { endpoint, clock } = this.#options;
    const { dispatcher, url, routes } = this.#connection;
    return readFeedStream({
      dispatcher,
      url,
      path: routes.path,
      endpoint,
      continues: !this.#options.trust.refusesAfterLease,
      observes: this.#options.observes ?? false,
      after: this.#needsState ? undefined : this.#state.number,
      leaseMs: this.#state.leaseMs,
      remembers: this.#witness.remembers,
      clock,
      signal,
      silenceMs: () => missedHeartbeats * this.#state.heartbeatMs || firstSilenceMs,
      onOpen: () => {
        // It may be another process that answers now, which was told nothing.
        this.#acknowledgements.tellAgain();
        this.#tell({ type: 'connected' });
      },
      onEvent: (event) => this.#onMessage(event),
    });
  }

  async #afterFailure(error: unknown): Promise<void> {
    const { clock, random = Math.random } = this.#options;
    if (isRefusal(error) && error.code === 'CS-FEED-007') this.#tell({ type: 'silent', refusal: error });
    else if (isRefusal(error) && error.code.startsWith('CS-FEED-') && error.code !== 'CS-FEED-008') {
      this.#needsState = true;
      this.#tell({ type: 'refused', refusal: error });
    }
    const nextAttemptMs = backoffMs(this.#failures, this.#state.leaseMs, random);
    this.#failures += 1;
    this.#tell({ type: 'interrupted', error, nextAttemptMs });
    const { signal } = this.#stream;
    await new Promise<void>((resolve) => {
      const timer = clock.after(nextAttemptMs, resolve);
      // Closing, or a new credential, which may be what was missing.
      const stop = (): void => {
        timer.cancel();
        resolve();
      };
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) resolve();
    });
  }

  #onMessage(event: ServerSentEvent): boolean {
    const { bundles, clock, rootSha256 } = this.#options;
    const set = bundles.current();
    const bundle = set.get(set.home);
    if (bundle === undefined) throw new TypeError('the bundles hold the home trust domain');
    const now = clock.now();
    const message = verifyFeedMessage(event.data, {
      authority: rootSha256,
      bundle,
      revocations: this.#state,
      at: now,
      verifySignature,
      sha256,
    });
    // The event's name is not signed; where it differs somebody rewrote the stream.
    if (event.name !== message.kind) throw new Refusal('CS-FEED-001', { rule: 'the event is named as its message' });
    const { at } = this.#state;
    this.#apply(message, now);
    this.#returns.see(message, event.data, this.#state);
    this.#witness.see(message, event.data);
    // Who withholds the feed can say the last message again and again, but not make a later one.
    return message.at > at;
  }

  #apply(message: FeedMessage, now: number): void {
    const { trust, revocations } = this.#options;
    // All that can be refused comes first: a message is in force whole or not at all.
    const state = this.#state.apply(message, now);
    const bundle = 'bundle' in message && message.bundle !== undefined ? bundleOf(message.bundle) : undefined;
    const closedBefore = trust.closedTotal;
    this.#state = state;
    this.#needsState = false;
    this.#failures = 0;
    this.#taking(() => revocations.set(state));
    if (bundle !== undefined) this.#taking(() => this.#takeBundle(bundle));
    this.#armLease();
    // What is revoked hands nothing on any more; thousands of connections are closed in slices, and only then is it acknowledged.
    this.#settling = trust.settled().then(() => this.#onSettled(message.kind, state, closedBefore));
  }

  #onSettled(kind: FeedMessage['kind'], { number, freshUntil }: RevocationState, closedBefore: number): void {
    const { closedTotal } = this.#options.trust;
    // Messages may overtake the closing for those before: each connection is told once.
    const closed = closedTotal - Math.max(closedBefore, this.#closedTold);
    this.#closedTold = closedTotal;
    this.#tell({ type: 'applied', kind, number, closed, freshUntil });
    if (this.#options.observes !== true) {
      if (kind === 'heartbeat') this.#acknowledgements.again(number);
      else this.#acknowledgements.add(number, closed);
    }
    this.#first.resolve();
  }

  /** By now what has to be closed hands nothing on; an endpoint that cannot take a bundle over keeps its last context. */
  #taking(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#tell({ type: 'not-taken', error });
    }
  }

  #takeBundle(bundle: Bundle): void {
    const { bundles } = this.#options;
    if (bundle.sequence < this.#bundleSequence) return;
    this.#bundleSequence = bundle.sequence;
    const set = bundles.current();
    // The same bundle again must not make a new epoch and new pools.
    if (!sameBundle(set.get(bundle.trustDomain), bundle)) bundles.set(set.with(bundle));
  }

  #armLease(): void {
    const { clock } = this.#options;
    this.#leaseTimer?.cancel();
    const { freshUntil } = this.#state;
    const onEnd = (): void => this.#tell({ type: 'lease-ended', freshUntil });
    this.#leaseTimer = clock.after(Math.max(0, freshUntil - clock.now()), onEnd, { unref: true });
  }

  #warn(event: FeedEvent): void {
    if (event.type === 'applied') this.#warned = false;
    if (event.type === 'audit-contradicted')
      process.emitWarning(event.refusal.message, { type: 'AuditWarning', code: event.refusal.code });
    // At each attempt until the lease ends: once is enough.
    if (event.type !== 'refused' || event.refusal.code !== 'CS-FEED-005' || this.#warned) return;
    this.#warned = true;
    process.emitWarning(event.refusal.message, { type: 'RevocationWarning', code: event.refusal.code });
  }

  /** What the listener throws must not end the following. */
  #tell(event: FeedEvent): void {
    // Whoever listens to nothing must hear at least this.
    if (this.#options.onEvent === undefined) this.#warn(event);
    try {
      this.#options.onEvent?.(event);
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : new Error('a listener failed', { cause: error }));
    }
  }
}

function sameBundle(a: Bundle | undefined, b: Bundle): boolean {
  return (
    a !== undefined && sameCertificates(a.anchors, b.anchors) && sameCertificates(a.intermediates, b.intermediates)
  );
}
