/** The keys of an issuer by their address (jwks_uri): fetched when they are needed, again when they age, never more often than their host can bear. */
import type { Dispatcher } from 'undici';
import type { Clock } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import type { JwsKey } from '../../runtime/cryptography/index.ts';
import { tell } from '../../runtime/tls/index.ts';
import { boundedAnswer, issuerAddress, NoAnswer } from './bounded-answer.ts';
import { BadKeySet, type KeyQuestion, KeySet } from './key-set.ts';
import { type KeySource, notFound } from './key-source.ts';

export interface RemoteKeysOptions {
  /** The issuer's `jwks_uri`: https, or http to this machine itself. */
  readonly address: string;
  readonly clock: Clock;
  /** By which it is asked; default undici's own. */
  readonly dispatcher?: Dispatcher;
  /** Older than this they are fetched again, while they stay in use; default 300,000. */
  readonly freshMs?: number;
  /** Older than this they count no more, as one of them may have been withdrawn since; default 86,400,000. */
  readonly keptMs?: number;
  /** Between two attempts, whatever tokens ask for; default 30,000. Where no keys are held at all: at most 1,000. */
  readonly pauseMs?: number;
  /** For one attempt; default 5,000. */
  readonly timeoutMs?: number;
  /** Told each failed attempt; default nobody. */
  readonly onRefusal?: (refusal: Refusal) => void;
}

const defaults: Required<Pick<RemoteKeysOptions, 'freshMs' | 'keptMs' | 'pauseMs' | 'timeoutMs'>> = {
  freshMs: 300_000,
  keptMs: 86_400_000,
  pauseMs: 30_000,
  timeoutMs: 5000,
};

const pauseWithoutKeysMs = 1000;

/** A hundred keys with their certificates. Own choice. */
const mostBytes = 256 * 1024;

const types = ['application/jwk-set+json', 'application/json'];

interface Held {
  readonly set: KeySet;
  /** By both clocks: the one may be set back, the other stands still while the machine sleeps. */
  readonly now: number;
  readonly monotonic: number;
}

export class RemoteKeys implements KeySource {
  readonly #options: RemoteKeysOptions & typeof defaults;
  readonly #address: URL;
  #held: Held | undefined;
  #attemptedAt: number | undefined;
  #attempt: Promise<void> | undefined;
  #failure = 'not asked yet';

  /** @throws TypeError where the address may not be believed */
  constructor(options: RemoteKeysOptions) {
    this.#options = { ...defaults, ...withoutUndefined(options) };
    this.#address = issuerAddress(options.address);
  }

  keyFor(question: KeyQuestion): JwsKey | Promise<JwsKey> {
    const set = this.#usable();
    const key = set?.find(question);
    if (key === undefined) return this.#fetched(question);
    if (this.#ageMs() > this.#options.freshMs) void this.#refresh();
    return key;
  }

  holds(key: JwsKey): boolean {
    const set = this.#usable();
    if (set === undefined) return false;
    // A token that is known asks for no key: so the keys must be kept fresh from here, too.
    if (this.#ageMs() > this.#options.freshMs) void this.#refresh();
    return set.holds(key);
  }

  async #fetched(question: KeyQuestion): Promise<JwsKey> {
    await this.#refresh();
    const set = this.#usable();
    if (set === undefined) throw new Refusal('CS-BEARER-018', { address: this.#address.href, reason: this.#failure });
    const key = set.find(question);
    if (key === undefined) throw notFound(set, question);
    return key;
  }

  #usable(): KeySet | undefined {
    return this.#ageMs() <= this.#options.keptMs ? this.#held?.set : undefined;
  }

  #ageMs(): number {
    if (this.#held === undefined) return Number.POSITIVE_INFINITY;
    const { clock } = this.#options;
    return Math.max(clock.now() - this.#held.now, clock.monotonic() - this.#held.monotonic);
  }

  /** Resolves when the attempt is over, which one is; at once where it is too early for another. */
  #refresh(): Promise<void> {
    if (this.#attempt !== undefined) return this.#attempt;
    const { clock, pauseMs } = this.#options;
    const now = clock.monotonic();
    const pause = this.#usable() === undefined ? Math.min(pauseMs, pauseWithoutKeysMs) : pauseMs;
    if (this.#attemptedAt !== undefined && now - this.#attemptedAt < pause) return Promise.resolve();
    this.#attemptedAt = now;
    this.#attempt = this.#fetch().finally(() => (this.#attempt = undefined));
    return this.#attempt;
  }

  async #fetch(): Promise<void> {
    const { clock, timeoutMs, dispatcher } = this.#options;
    try {
      const document = await boundedAnswer({
        address: this.#address,
        clock,
        timeoutMs,
        mostBytes,
        dispatcher,
        accept: types,
      });
      const set = KeySet.parse(document, this.#held?.set);
      this.#held = { set, now: clock.now(), monotonic: clock.monotonic() };
    } catch (error) {
      // Nobody awaits an attempt that was made ahead, so none may fail in another way than this.
      const isKnown = error instanceof NoAnswer || error instanceof BadKeySet;
      this.#failure = isKnown ? error.message : 'unreadable';
      const evidence = { address: this.#address.href, reason: this.#failure };
      tell(this.#options.onRefusal, new Refusal('CS-BEARER-018', evidence, { cause: error }));
    }
  }
}

function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
