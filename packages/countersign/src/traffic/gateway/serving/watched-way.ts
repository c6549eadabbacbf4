/** A way back that remembers the status which went out, and tells when it did. */
import type { Writable } from 'node:stream';
import type { Answer, HeaderList, WayBack } from '../../relay/index.ts';

type AnswerHeader = Parameters<WayBack['begin']>[0];

export class WatchedWay implements WayBack {
  readonly body: Writable;
  readonly #way: WayBack;
  #status: Answer['status'] | undefined;
  #begun: (() => void) | undefined;
  #gone: (() => void) | undefined;
  #told: HeaderList = [];

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
    this.#way.begin(this.#whole(answer));
    this.#wentOut(answer);
  }

  answerWhole(answer: AnswerHeader, body: Uint8Array, trailers: HeaderList): void {
    this.#way.answerWhole(this.#whole(answer), body, trailers);
    this.#wentOut(answer);
  }

  trail(trailers: HeaderList): void {
    this.#way.trail(trailers);
  }

  breakOff(): void {
    this.#way.breakOff();
  }

  /** One listener. */
  onGone(listener: () => void): void {
    this.#gone = listener;
  }

  isWhole(): boolean {
    return this.#way.isWhole();
  }

  /** What carries it has closed: its owner listens for that anyway. */
  closed(): void {
    if (!this.#way.isWhole()) this.#gone?.();
  }

  /** One listener. */
  onBegun(listener: () => void): void {
    this.#begun = listener;
  }

  /** Goes out with the answer, whatever it is. */
  alsoTell(headers: HeaderList): void {
    this.#told = [...this.#told, ...headers];
  }

  #whole(answer: AnswerHeader): AnswerHeader {
    return this.#told.length === 0
      ? answer
      : { ...answer, headers: [...answer.headers, ...this.#told], written: undefined };
  }

  #wentOut({ status }: AnswerHeader): void {
    this.#status = status;
    this.#begun?.();
  }
}
