/** A worker's process as the primary holds it: what it is asked is answered, or it has ended. */
import type { ChildProcess } from 'node:child_process';
import type { Clock } from '../../../ground/clock/index.ts';
import type { FromWorker, ToWorker } from './messages.ts';

/** What is answered to it. */
type Question =
  | Omit<Extract<ToWorker, { kind: 'prepare' }>, 'id'>
  | Omit<Extract<ToWorker, { kind: 'partners' }>, 'id'>
  | { readonly kind: 'commit' | 'measure' }
  | { readonly kind: 'look'; readonly path: string };

/** What a worker says of itself. */
export type Unasked = Exclude<FromWorker, { kind: 'answer' }>;

export class WorkerProcess {
  readonly number: number;
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  readonly #asked = new Map<number, (answer: { readonly value: unknown } | undefined) => void>();
  readonly ended: Promise<string>;
  listening = false;
  /** Whether it was told what is in force, and so needs to hear of changes. */
  told = false;
  #next = 1;

  constructor(number: number, child: ChildProcess, clock: Clock, onMessage: (message: Unasked) => void) {
    this.number = number;
    this.#child = child;
    this.#clock = clock;
    child.on('message', (message) => {
      const told = message as FromWorker;
      if (told.kind !== 'answer') {
        onMessage(told);
        return;
      }
      this.#asked.get(told.id)?.({ value: told.value });
      this.#asked.delete(told.id);
    });
    this.ended = new Promise((resolve) => {
      const end = (reason: string): void => {
        for (const answer of this.#asked.values()) answer(undefined);
        this.#asked.clear();
        resolve(reason);
      };
      child.once('exit', (status, signal) => end(signal ?? `status ${String(status)}`));
      child.on('error', (error) => end(error.message));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  send(message: ToWorker): void {
    // One that has ended hears nothing; that it has is told elsewhere.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** @returns `undefined` where it has ended, or did not answer in time */
  async ask(question: Question, mostMs: number): Promise<{ readonly value: unknown } | undefined> {
    const id = this.#next;
    this.#next += 1;
    return new Promise((resolve) => {
      const timer = this.#clock.after(mostMs, () => answer(undefined), { unref: true });
      const answer = (given: { readonly value: unknown } | undefined): void => {
        timer.cancel();
        this.#asked.delete(id);
        resolve(given);
      };
      this.#asked.set(id, answer);
      if (this.#child.connected) this.send({ ...question, id });
      else answer(undefined);
    });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
