/** A way back that remembers the status which went out, and tells when it did. */
import type { Writable } from 'node:stream';
import type { Answer, HeaderList, WayBack } from '../../relay/index.ts';

type AnswerHeader = Parameters<WayBack['begin']>[0];

export class WatchedWay implements WayBack {
  readonly body: Writable;
  readonly #way: WayBack;
  #status: Answer['status'] | undefined;
  #begun: (() => void) | undefined;

  constructor(way: WayBack) {
    this.#way = way;
    this.body = way.body;
  }

  get begun(): boolean {
    return this.#way.begun;
  }

  /** `undefined` as long as none went out. */
  get status(): Answer['status'] | undefined {
    return this.#status;
  }

  begin(answer: AnswerHeader): void {
    this.#way.begin(answer);
    this.#wentOut(answer);
  }

  answerWhole(answer: AnswerHeader, body: Uint8Array, trailers: HeaderList): void {
    this.#way.answerWhole(answer, body, trailers);
    this.#wentOut(answer);
  }

  trail(trailers: HeaderList): void {
    this.#way.trail(trailers);
  }

  breakOff(): void {
    this.#way.breakOff();
  }

  onGone(listener: () => void): void {
    this.#way.onGone(listener);
  }

  /** One listener. */
  onBegun(listener: () => void): void {
    this.#begun = listener;
  }

  #wentOut({ status }: AnswerHeader): void {
    this.#status = status;
    this.#begun?.();
  }
}
