/** What a worker has ready to take: of the configurations that it was asked to prepare, the newest alone. */
import type { Staged } from '../gateway.ts';

export class Preparation<S extends Pick<Staged, 'abandon'> = Staged> {
  #newest = 0;
  #staged: S | undefined;

  /**
   * What comes after another question, or after it was given up, is staged no more: who asked has gone on without this answer.
   * @param open all that takes time; what it resolves to stages
   */
  async make(open: () => Promise<() => S>): Promise<void> {
    this.#newest += 1;
    const own = this.#newest;
    const stage = await open();
    if (own !== this.#newest) return;
    this.#staged?.abandon();
    this.#staged = stage();
  }

  /** @throws TypeError where nothing is ready */
  take(): S {
    const staged = this.#staged;
    if (staged === undefined) throw new TypeError('nothing was prepared');
    this.#staged = undefined;
    return staged;
  }

  abandon(): void {
    this.#newest += 1;
    this.#staged?.abandon();
    this.#staged = undefined;
  }
}
