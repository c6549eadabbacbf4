/** Sources: what may change while endpoints run. One method to read, one to watch. */

export interface Source<T> {
  current(): T;
  /** Calls `listener` synchronously at each change; the function that is returned ends that. */
  watch(listener: (value: T) => void): () => void;
}

/** A source that never changes. */
export function fixedSource<T>(value: T): Source<T> {
  return { current: () => value, watch: () => () => undefined };
}

/** A source that its owner sets. */
export class MutableSource<T> implements Source<T> {
  #value: T;
  readonly #listeners = new Set<(value: T) => void>();

  constructor(value: T) {
    this.#value = value;
  }

  current(): T {
    return this.#value;
  }

  watch(listener: (value: T) => void): () => void {
    // A function of its own, so that the same listener given twice is heard twice and each ending ends one.
    const own = (value: T): void => {
      listener(value);
    };
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /**
   * Sets the value and returns when every listener has dealt with it: connections that must go are closed by then.
   * A listener that throws stops no other; what it threw is thrown on when all have run.
   */
  set(value: T): void {
    this.#value = value;
    const failures: unknown[] = [];
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, 'several watchers of this source failed');
  }
}
