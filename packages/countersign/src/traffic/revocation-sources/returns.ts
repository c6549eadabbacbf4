/**
 * What this endpoint was told of revocations, as it was signed: kept so that it can be handed back to an authority that has lost it. Once an authority was
 * restored from a backup, it is the endpoints that know what was revoked since.
 */
import type { Clock } from '../../ground/clock/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import {
  type FeedMessage,
  revocationKey,
  type RevokedEntry,
  type RevokedScope,
  scopeKey,
} from '../../identity/revocation/index.ts';
import {
  type AuthorityConnection,
  exchange,
  largestReturnBytes,
  returnFeed,
  startDeadline,
} from '../../runtime/api/index.ts';
import type { FeedEventListener } from './feed-event.ts';

/** 16 MiB: some thousand changes, or a state of 60,000 entries. Beyond it the oldest go. Own choice. */
const mostCharacters = 16 * 1024 * 1024;

/** What a state knows that the authority has lost. */
export interface Lost {
  readonly lost: readonly RevokedEntry[];
  readonly lostScopes: readonly RevokedScope[];
}

interface Kept {
  readonly text: string;
  /** As they are looked up. */
  readonly keys: readonly string[];
}

export interface ReturnsOptions {
  /** Absent where nothing can be handed back: on the local socket. */
  readonly connection: AuthorityConnection | undefined;
  readonly clock: Clock;
  readonly tell: FeedEventListener;
  readonly signal: AbortSignal;
}

export class Returns {
  readonly #options: ReturnsOptions;
  #kept: Kept[] = [];
  #characters = 0;
  #sending: Promise<void> = Promise.resolve();

  constructor(options: ReturnsOptions) {
    this.#options = options;
  }

  /**
   * A message is in force.
   * @param text as it was signed
   * @param lost what was known and is not in it, where it is a whole state
   */
  see(message: FeedMessage, text: string, { lost, lostScopes }: Lost): void {
    const isState = message.kind === 'state';
    const missing = isState ? [...lost.map(keyOf), ...lostScopes.map(scopeKey)] : [];
    // A whole state stands for all before it, but for what it lacks.
    if (isState) this.#keepOnly(new Set(missing));
    const { connection } = this.#options;
    if (missing.length > 0 && connection !== undefined) this.#handBack(missing.length, connection);
    if (message.kind === 'heartbeat') return;
    const keys = [...message.revoked.map(keyOf), ...(message.scopes ?? []).map(scopeKey)];
    if (keys.length === 0) return;
    this.#kept.push({ text, keys });
    this.#characters += text.length;
    while (this.#characters > mostCharacters) this.#characters -= this.#kept.shift()?.text.length ?? 0;
  }

  /** Resolves when nothing is on its way any more. */
  async close(): Promise<void> {
    await this.#sending;
  }

  #keepOnly(lost: ReadonlySet<string>): void {
    this.#kept = this.#kept.filter(({ keys }) => keys.some((key) => lost.has(key)));
    this.#characters = this.#kept.reduce((sum, { text }) => sum + text.length, 0);
  }

  #handBack(lost: number, connection: AuthorityConnection): void {
    const messages = this.#kept.map(({ text }) => text).filter((text) => text.length <= largestReturnBytes);
    this.#sending = this.#sending.then(() => this.#send(messages, lost, connection));
  }

  async #send(messages: readonly string[], lost: number, connection: AuthorityConnection): Promise<void> {
    const { clock, tell, signal } = this.#options;
    let learned = 0;
    for (const message of messages) {
      const deadline = startDeadline(clock, undefined, signal);
      try {
        learned += (await exchange(returnFeed, { message }, connection, deadline)).value.learned;
      } catch (error) {
        if (!isRefusal(error)) throw error;
        // It stays in force here, and is offered again with the next whole state.
        if (!signal.aborted) tell({ type: 'not-handed-back', error });
        return;
      } finally {
        deadline.cancel();
      }
    }
    tell({ type: 'handed-back', lost, learned });
  }
}

function keyOf({ issuerKey, serialNumber }: RevokedEntry): string {
  return revocationKey(issuerKey, serialNumber);
}
