/** A listener that is where the settings say: opened, moved and closed as they change, and left as it was where the new one can not be had. */
import { isDeepStrictEqual } from 'node:util';

import { isRefusal, toLogLine } from '../../../ground/errors/index.ts';
import type { Source } from '../../../runtime/tls/index.ts';
import type { ServerLog } from '../server-event.ts';
import type { AuthoritySettings } from '../settings/authority-settings.ts';
import { turns, type Turns } from '../turns.ts';

interface Closable {
  close(): Promise<void>;
}

export interface FollowedListenerOptions<Wanted extends object, Listener extends Closable> {
  /** For people. */
  readonly what: string;
  readonly settings: Source<AuthoritySettings>;
  /** What of the settings it is made of; `undefined`: there is to be none. */
  readonly wanted: (settings: AuthoritySettings) => Wanted | undefined;
  readonly open: (wanted: Wanted) => Promise<Listener>;
  /** Two with the same can not stand side by side; `undefined` where it takes any place that is free. */
  readonly place: (wanted: Wanted) => string | undefined;
  readonly where: (listener: Listener, wanted: Wanted) => string;
  readonly log: ServerLog;
}

export interface FollowedListener<Listener> {
  current(): Listener | undefined;
  close(): Promise<void>;
}

interface Held<Wanted, Listener> {
  readonly wanted: Wanted;
  readonly listener: Listener;
}

/** Rejects where the first can not be had: then nothing starts. */
export async function followListener<Wanted extends object, Listener extends Closable>(
  options: FollowedListenerOptions<Wanted, Listener>,
): Promise<FollowedListener<Listener>> {
  const followed = new Followed(options);
  await followed.begin();
  return followed;
}

class Followed<Wanted extends object, Listener extends Closable> implements FollowedListener<Listener> {
  readonly #options: FollowedListenerOptions<Wanted, Listener>;
  readonly #turns: Turns = turns();
  #held: Held<Wanted, Listener> | undefined;
  #unwatch: () => void = () => undefined;

  constructor(options: FollowedListenerOptions<Wanted, Listener>) {
    this.#options = options;
  }

  async begin(): Promise<void> {
    const { settings, wanted } = this.#options;
    const first = wanted(settings.current());
    if (first !== undefined) await this.#open(first);
    this.#unwatch = settings.watch((next) => {
      this.#turns
        .take(() => this.#follow(wanted(next)))
        .catch((error: unknown) => this.#tellFailure(error, 'is closed'));
    });
  }

  current(): Listener | undefined {
    return this.#held?.listener;
  }

  close(): Promise<void> {
    this.#unwatch();
    return this.#turns.take(() => this.#closeHeld());
  }

  async #follow(next: Wanted | undefined): Promise<void> {
    const before = this.#held;
    if (isDeepStrictEqual(next, before?.wanted)) return;
    const { what, log, where } = this.#options;
    if (next === undefined) {
      await this.#closeHeld();
      log({ event: 'listener', what });
      return;
    }
    const inTheWay = before !== undefined && this.#samePlace(before.wanted, next);
    if (inTheWay) await this.#closeHeld();
    try {
      await this.#open(next);
    } catch (error) {
      if (inTheWay) await this.#open(before.wanted);
      this.#tellFailure(error, before === undefined ? 'stays closed' : 'stays as it was');
      return;
    }
    if (!inTheWay) await before?.listener.close();
    const now = this.current();
    if (now !== undefined) log({ event: 'listener', what, where: where(now, next) });
  }

  async #open(wanted: Wanted): Promise<void> {
    this.#held = { wanted, listener: await this.#options.open(wanted) };
  }

  async #closeHeld(): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    await held?.listener.close();
  }

  #samePlace(before: Wanted, next: Wanted): boolean {
    const { place } = this.#options;
    return place(next) !== undefined && place(next) === place(before);
  }

  #tellFailure(error: unknown, outcome: string): void {
    const { what, log } = this.#options;
    const why = isRefusal(error) ? toLogLine(error) : String(error);
    log({ event: 'failed', what: `${what}, which ${outcome}`, why });
  }
}
