/** Keeps one credential fresh for as long as it runs: the sources that it hands out always hold the newest one. */
import type { Clock } from '../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import type { BundleSet } from '../../identity/spiffe/index.ts';
import type { KeyType } from '../../identity/x509/index.ts';
import { saidByAuthority } from '../../runtime/api/index.ts';
import { generatePrivateKey } from '../../runtime/cryptography/index.ts';
import { type Credential, MutableSource } from '../../runtime/tls/index.ts';
import { type HeldCredential, type renew, storeCredential, toBundles, toCredential } from '../enrollment/index.ts';
import type { AgentEvent, AgentEventListener } from './agent-event.ts';
import { changedBundle } from './bundle-change.ts';
import { type Random, renewalMoment, retryPauseMs } from './renewal-schedule.ts';

export interface AgentParts {
  readonly held: HeldCredential;
  /** Where the files are kept fresh; absent: memory only, with a new key at each rotation. */
  readonly folder: string | undefined;
  readonly keyType: KeyType;
  readonly clock: Clock;
  readonly random: Random;
  readonly renew: typeof renew;
  readonly listeners: Set<AgentEventListener>;
}

/**
 * 30 s: timers stand still while a laptop sleeps, the wall clock does not; so no wait is longer than this
 * before the wall clock is looked at again.
 */
const longestWaitMs = 30_000;

export class Agent {
  readonly #parts: AgentParts;
  readonly #credentials: MutableSource<Credential>;
  readonly #bundles: MutableSource<BundleSet>;
  readonly #closing = new AbortController();
  readonly #done: Promise<void>;
  #held: HeldCredential;
  #attempting: Promise<void> | undefined;
  #failures = 0;
  #expiryTold = false;
  #stopped: Error | undefined;
  /** When the next attempt is due: by the wall clock, and after a failure by the monotonic one as well. */
  #due: { wall: number; monotonic: number };
  #wake: () => void = () => undefined;

  constructor(parts: AgentParts) {
    this.#parts = parts;
    this.#held = parts.held;
    this.#credentials = new MutableSource(toCredential(parts.held));
    this.#bundles = new MutableSource(toBundles(parts.held));
    this.#due = { wall: renewalMoment(parts.held, parts.random), monotonic: Number.POSITIVE_INFINITY };
    this.#done = this.#run();
  }

  get credentials(): MutableSource<Credential> {
    return this.#credentials;
  }

  /** Also set by whoever follows the authority's feed. */
  get bundles(): MutableSource<BundleSet> {
    return this.#bundles;
  }

  /** What is held now. */
  get held(): HeldCredential {
    return this.#held;
  }

  /** When the next renewal or attempt is due, milliseconds since 1970. */
  get renewsAt(): number {
    return this.#due.wall;
  }

  /** Calls `listener` for every event from now on; the function that is returned ends that. */
  onEvent(listener: AgentEventListener): () => void {
    this.#parts.listeners.add(listener);
    return () => void this.#parts.listeners.delete(listener);
  }

  /** Renews now. Rejects with what was in the way; the agent goes on by itself either way. */
  rotate(): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.reject(new Refusal('CS-AGENT-004', {}));
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped);
    this.#attempting ??= this.#attempt().finally(() => {
      this.#attempting = undefined;
      this.#wake();
    });
    return this.#attempting;
  }

  /** Ends what is under way; the files and the last credential stay. */
  async close(): Promise<void> {
    this.#closing.abort(new Refusal('CS-AGENT-004', {}));
    this.#wake();
    await this.#done;
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted && this.#stopped === undefined) {
      const leftMs = this.#leftMs();
      if (leftMs > 0) await this.#pause(leftMs);
      // What failed was told as an event and has set the next moment.
      else await this.rotate().catch(() => undefined);
    }
    await this.#attempting?.catch(() => undefined);
  }

  #leftMs(): number {
    const { clock } = this.#parts;
    return Math.min(this.#due.wall - clock.now(), this.#due.monotonic - clock.monotonic());
  }

  #pause(leftMs: number): Promise<void> {
    const { clock } = this.#parts;
    const untilExpiryMs = this.#tellExpiry();
    return new Promise((resolve) => {
      const timer = clock.after(Math.min(leftMs, longestWaitMs, untilExpiryMs), () => resolve(), { unref: true });
      this.#wake = (): void => {
        timer.cancel();
        resolve();
      };
    });
  }

  /** Tells of the expiry once, when it has come; milliseconds until it comes. */
  #tellExpiry(): number {
    // notAfter includes its last second (RFC 5280, 4.1.2.5).
    const leftMs = this.#held.leaf.notAfter + 1000 - this.#parts.clock.now();
    if (leftMs > 0) return leftMs;
    if (!this.#expiryTold) {
      this.#expiryTold = true;
      const { serialNumber, notAfter } = this.#held.leaf;
      this.#tell({ type: 'expired', serialNumber, notAfter });
    }
    return Number.POSITIVE_INFINITY;
  }

  async #attempt(): Promise<void> {
    const { clock, random, folder, keyType } = this.#parts;
    try {
      const privateKey = folder === undefined ? generatePrivateKey(keyType) : this.#held.privateKey;
      const held = await this.#parts.renew({ held: this.#held, privateKey, clock, signal: this.#closing.signal });
      if (folder !== undefined) await this.#store(folder, held);
      this.#takeOver(held);
      this.#due = { wall: renewalMoment(held, random), monotonic: Number.POSITIVE_INFINITY };
      this.#tell({ type: 'renewed', ...this.#facts() });
    } catch (error) {
      this.#onFailure(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  /** A full disk keeps the files old, not the endpoints of this process. */
  async #store(folder: string, held: HeldCredential): Promise<void> {
    try {
      await storeCredential(folder, held);
    } catch (error) {
      this.#takeOver(held);
      throw error;
    }
  }

  #takeOver(held: HeldCredential): void {
    const changed = changedBundle(this.#bundles.current().get(held.trustDomain), this.#held, held);
    this.#held = held;
    this.#failures = 0;
    this.#expiryTold = false;
    // Trust first: peers that were issued under a new root must not be refused in between.
    if (changed !== undefined) this.#bundles.set(this.#bundles.current().with(changed));
    this.#credentials.set(toCredential(held));
  }

  #onFailure(error: Error): void {
    if (this.#closing.signal.aborted) return;
    const { serialNumber } = this.#held.leaf;
    const end = finalWord(error);
    if (end !== undefined) {
      this.#stopped = error;
      this.#tell({ type: end, error, serialNumber });
      return;
    }
    this.#failures += 1;
    const { clock, random } = this.#parts;
    const nextAttemptMs = retryPauseMs(this.#held, this.#failures, random);
    this.#due = { wall: clock.now() + nextAttemptMs, monotonic: clock.monotonic() + nextAttemptMs };
    this.#tellExpiry();
    this.#tell({ type: 'renewal-failed', error, attempt: this.#failures, nextAttemptMs });
  }

  #facts(): { serialNumber: string; notAfter: number; renewsAt: number } {
    const { serialNumber, notAfter } = this.#held.leaf;
    return { serialNumber, notAfter, renewsAt: this.#due.wall };
  }

  #tell(event: AgentEvent): void {
    for (const listener of [...this.#parts.listeners]) {
      try {
        listener(event);
      } catch (error) {
        // A listener's mistake is neither a failed renewal nor to be swallowed: it surfaces on its own.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

/** The refusals after which asking again is of no use; only the authority can say them, about us. */
function finalWord(error: Error): 'revoked' | 'lapsed' | undefined {
  if (!isRefusal(error) || !saidByAuthority(error)) return undefined;
  if (error.code === 'CS-RENEW-002' || error.code === 'CS-PEER-008') return 'revoked';
  return error.code === 'CS-RENEW-003' ? 'lapsed' : undefined;
}
