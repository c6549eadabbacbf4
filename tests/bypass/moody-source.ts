/** A source that breaks while it runs: it throws, or yields nothing, or what is no value of its kind; with or without telling anybody. */
import type { Source } from '../../packages/countersign/src/runtime/tls/index.ts';

export class MoodySource<T> implements Source<T> {
  #current: () => T;
  readonly #listeners = new Set<(value: T) => void>();

  constructor(value: T) {
    this.#current = () => value;
  }

  current(): T {
    return this.#current();
  }

  watch(listener: (value: T) => void): () => void {
    const own = (value: T): void => {
      listener(value);
    };
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** From now on `current` is this. @param told what its watchers are told, where they are */
  become(current: () => unknown, ...told: readonly unknown[]): void {
    this.#current = current as () => T;
    for (const value of told)
      for (const listener of [...this.#listeners])
        try {
          listener(value as T);
        } catch {
          // As a setter's owner would hear of it, who goes on.
        }
  }

  set(value: T): void {
    this.become(() => value, value);
  }
}

export function outOfOrder(): never {
  throw new Error('out of order');
}

/** What a broken source may yield, by what it is. */
export const garbage: Readonly<Record<string, unknown>> = {
  nothing: undefined,
  'an empty object': {},
  'a text': '-----BEGIN CERTIFICATE-----',
};
