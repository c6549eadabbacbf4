/** Subscribers of the feed in a process of their own, as a scenario holds them. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Order, Told } from './subscriber-process.ts';

export class Subscribers {
  readonly #child: ChildProcess = fork(join(import.meta.dirname, 'subscriber-process.ts'));
  closed = 0;

  constructor() {
    this.#child.on('message', (message: Told) => {
      if (message.told === 'closed') this.closed = message.count;
    });
  }

  /** Resolves when all of them are there, and have the first message where they follow the feed. */
  async open(order: Order): Promise<void> {
    const opened = this.#next('open');
    this.#child.send(order);
    await opened;
  }

  /** When the next change came to the last of them: microseconds of the machine's monotonic clock. To be asked before the change is made. */
  async reached(): Promise<number> {
    const told = await this.#next('reached');
    return told.told === 'reached' ? told.atUs : Number.NaN;
  }

  close(): void {
    this.#child.disconnect();
  }

  #next(wanted: Told['told']): Promise<Told> {
    return new Promise((resolve, reject) => {
      const onExit = (): void => reject(new Error('the subscribers have ended'));
      const onMessage = (message: Told): void => {
        if (message.told !== wanted) return;
        this.#child.off('message', onMessage).off('exit', onExit);
        resolve(message);
      };
      this.#child.on('message', onMessage).once('exit', onExit);
    });
  }
}
