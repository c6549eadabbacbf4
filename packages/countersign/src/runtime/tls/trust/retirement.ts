/** Who hears of it when a connection is to be given up; few connections have one. */
import { tell } from '../tell.ts';
import type { ExpiryQueue } from './expiry-queue.ts';
import type { Reminder } from './reminders.ts';
import type { Urgency } from './sliced-work.ts';

export class Retirement implements Reminder {
  /** Milliseconds since 1970; infinite for never. */
  readonly dueAt: number;
  /** For its queue alone. */
  queued: Urgency | undefined;
  readonly #reminders: ExpiryQueue<Reminder>;
  readonly #listeners = new Set<() => void>();

  constructor(dueAt: number, reminders: ExpiryQueue<Reminder>) {
    this.dueAt = dueAt;
    this.#reminders = reminders;
  }

  /** Calls `listener` once, at that moment, or at once where it is over; the function that is returned ends that. */
  add(listener: () => void): () => void {
    const own = (): void => {
      listener();
    };
    if (this.#listeners.size === 0) this.#reminders.add(this);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  remind(): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) tell(listener);
  }

  end(): void {
    this.#reminders.remove(this);
    this.#listeners.clear();
  }
}
