/** Being asked to end: signals reach the command that cleans up after itself, and end at once what has nothing to clean. */

export type EndingSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** A shell reads 128 + n as "ended by signal n" (POSIX 2.8.2). */
export const endingStatus: Readonly<Record<EndingSignal, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

export class Ending {
  readonly #listeners = new Map<(signal: EndingSignal) => void, { always: boolean }>();
  #asked: EndingSignal | undefined;
  #reload: (() => void) | undefined;

  /** The first signal that asked, if any. */
  get asked(): EndingSignal | undefined {
    return this.#asked;
  }

  /**
   * Until the returned function is called, `listener` answers for the end of the process.
   * @param options.always also for a second interrupt, with which a person wants the end at once; default false
   */
  watch(listener: (signal: EndingSignal) => void, { always = false }: { always?: boolean } = {}): () => void {
    this.#listeners.set(listener, { always });
    return () => void this.#listeners.delete(listener);
  }

  /** From now on a hang-up is no end but the wish that settings be read again, as daemons take it. */
  reloadOnHangUp(reload: () => void): void {
    this.#reload = reload;
  }

  /** @returns whether somebody takes care of it */
  ask(signal: EndingSignal): boolean {
    if (signal === 'SIGHUP' && this.#reload !== undefined) {
      this.#reload();
      return true;
    }
    const again = this.#asked !== undefined && signal === 'SIGINT';
    this.#asked ??= signal;
    const told = [...this.#listeners].filter(([, { always }]) => always || !again);
    for (const [listener] of told) listener(signal);
    return told.length > 0;
  }

  /** Resolves with the first signal that asks. */
  wait(): Promise<EndingSignal> {
    if (this.#asked !== undefined) return Promise.resolve(this.#asked);
    return new Promise((resolve) => {
      const stop = this.watch((signal) => {
        stop();
        // The clean end is still ours to finish, so a later SIGTERM must not cut it short.
        this.watch(() => undefined);
        resolve(signal);
      });
    });
  }
}
