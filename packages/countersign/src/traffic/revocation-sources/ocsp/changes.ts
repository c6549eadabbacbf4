/** Tells who watches which answers changed: at once, or together with others a moment later. */
import type { Clock, Timer } from '../../../ground/clock/index.ts';
import type { StatusChange } from '../../../runtime/tls/index.ts';

/** Own choice: answers that were signed together run out together, and each telling makes endpoints look at their peers again. */
const togetherMs = 20;

export class Changes {
  readonly #clock: Clock;
  readonly #listeners = new Set<(change: StatusChange) => void>();
  #soon = new Set<string>();
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  watch(listener: (change: StatusChange) => void): () => void {
    const own = (change: StatusChange): void => listener(change);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** A listener that throws stops no other, and is heard of all the same: it is a mistake in the program. */
  now(change: StatusChange): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(change);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  /** For what endpoints see by themselves if they look. */
  soon(revocationKey: string): void {
    this.#soon.add(revocationKey);
    this.#timer ??= this.#clock.after(togetherMs, () => this.#tellTogether(), { unref: true });
  }

  close(): void {
    this.#timer?.cancel();
    this.#listeners.clear();
  }

  #tellTogether(): void {
    const revocationKeys = [...this.#soon];
    this.#soon = new Set();
    this.#timer = undefined;
    this.now({ kind: 'certificates', revocationKeys });
  }
}
