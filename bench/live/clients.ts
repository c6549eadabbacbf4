/** Clients in a process of their own, as a scenario holds them. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { encodePem } from 'countersign/encoding';
import type { Credential } from 'countersign/tls';
import type { Answer, Order } from './client-process.ts';

export class Clients {
  readonly #child: ChildProcess = fork(join(import.meta.dirname, 'client-process.ts'));
  /** When each that was closed was closed, in microseconds of the machine's monotonic clock. */
  readonly closedAtUs: number[] = [];

  constructor() {
    this.#child.on('message', (answer: Answer) => {
      if (answer.done === 'closed') this.closedAtUs.push(answer.atUs);
    });
  }

  /** Resolves when so many were closed in all. */
  async closed(count: number): Promise<void> {
    if (this.closedAtUs.length >= count) return;
    await new Promise<void>((resolve, reject) => {
      const onExit = (): void => reject(new Error('the clients have ended'));
      const onMessage = (): void => {
        if (this.closedAtUs.length < count) return;
        this.#child.off('message', onMessage).off('exit', onExit);
        resolve();
      };
      this.#child.on('message', onMessage).once('exit', onExit);
    });
  }

  async open(wanted: Omit<Order & { do: 'open' }, 'do'>): Promise<void> {
    await this.#tell({ do: 'open', ...wanted });
  }

  async upload(): Promise<void> {
    await this.#tell({ do: 'upload' });
  }

  /** Milliseconds that the slowest of a hundred requests took. */
  async p99(forMs: number): Promise<number> {
    const answer = await this.#tell({ do: 'ask', forMs });
    return answer.done === 'ask' ? answer.p99Ms : Number.NaN;
  }

  close(): void {
    this.#child.disconnect();
  }

  #tell(order: Order): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const onExit = (): void => reject(new Error('the clients have ended'));
      const onMessage = (answer: Answer): void => {
        if (answer.done !== order.do) return;
        this.#child.off('message', onMessage).off('exit', onExit);
        resolve(answer);
      };
      this.#child.on('message', onMessage).once('exit', onExit);
      this.#child.send(order);
    });
  }
}

export function pemOf({ chain, privateKey }: Credential): { cert: string; key: string } {
  return { cert: chain.map((der) => encodePem('CERTIFICATE', der)).join(''), key: privateKey.toPem() };
}
