/** For which partners one connection is counted: behind a proxy those may be many, and all of them are given back in one place. */
import type { Connection } from './serving/demands.ts';

/** Gives a connection back. */
export type Held = () => void;

export class Holdings {
  readonly #verdicts = new Map<string, Promise<boolean> | boolean>();
  readonly #held: Held[] = [];
  #closed = false;

  constructor(connection: Connection) {
    connection.once('close', () => {
      this.#closed = true;
      for (const giveBack of this.#held) giveBack();
    });
  }

  /** Whether it is held for this partner; `undefined` where nobody asked yet. */
  of(partner: string): Promise<boolean> | boolean | undefined {
    return this.#verdicts.get(partner);
  }

  take(partner: string, answer: Held | undefined | Promise<Held | undefined>): Promise<boolean> | boolean {
    const verdict =
      answer instanceof Promise
        ? answer.then((held) => {
            const isHeld = this.#keep(held);
            this.#verdicts.set(partner, isHeld);
            return isHeld;
          })
        : this.#keep(answer);
    this.#verdicts.set(partner, verdict);
    return verdict;
  }

  #keep(held: Held | undefined): boolean {
    if (held === undefined) return false;
    if (this.#closed) held();
    else this.#held.push(held);
    return true;
  }
}
