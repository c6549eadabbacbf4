/** One HTTP request on to a plain program, and its response back: bodies as they come, trailers after them. */
import type { Asked } from './asked.ts';
import { pour } from './pour.ts';
import { type HeaderList, trailersOf } from './program-headers.ts';
import type { Answer, Asking, AskingListeners, Program, Upstream, WrittenHeaders } from './program.ts';
import type { WayBack } from './way-back.ts';

export interface RelayedRequest {
  readonly asked: Asked;
  /** Where another one goes on than was asked for. */
  readonly target?: string;
  readonly wayBack: WayBack;
  readonly upstream: Upstream;
  readonly headers: HeaderList;
  readonly program: Program;
  /** These three as `Question` has them. */
  readonly preface?: Uint8Array | undefined;
  readonly written?: WrittenHeaders | undefined;
  readonly nowMs?: number | undefined;
  /** It cannot be said in the program's version of HTTP: the caller's fault; the response is the listener's. */
  readonly onUnsayable: (error: unknown) => void;
  /** The program took no connection, or broke off; the response is the listener's unless it has begun, and was broken off then. */
  readonly onFailure: (error: unknown, begun: boolean) => void;
}

export interface RelayInProgress {
  /** Breaks it off, as if the program had: `onFailure` is told `error`, unless it is over. */
  end(error: unknown): void;
}

const nothingUnderWay: RelayInProgress = { end: () => undefined };

export function relayRequest(relayed: RelayedRequest): RelayInProgress {
  const { asked, upstream, headers, program, preface, written, nowMs, onUnsayable } = relayed;
  const { method, hasBody, connection } = asked;
  const { target = asked.target } = relayed;
  let asking: Asking;
  try {
    asking = program.ask({ upstream, method, target, headers, hasBody, connection, preface, written, nowMs });
  } catch (error) {
    onUnsayable(error);
    return nothingUnderWay;
  }
  const relaying = new Relaying(relayed, asking);
  relaying.begin();
  return relaying;
}

class Relaying implements RelayInProgress, AskingListeners {
  readonly #relayed: RelayedRequest;
  readonly #asking: Asking;
  #over = false;

  constructor(relayed: RelayedRequest, asking: Asking) {
    this.#relayed = relayed;
    this.#asking = asking;
  }

  begin(): void {
    const { asked, wayBack } = this.#relayed;
    const asking = this.#asking;
    asking.on(this);
    wayBack.onGone(() => {
      this.#over = true;
      // The program need not go on for him.
      asking.giveUp();
    });
    if (asking.body === undefined) asked.drop();
    else
      pour(
        asked.body,
        asking.body,
        this.#orFail(() => this.#endQuestion()),
      );
  }

  end(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#asking.giveUp();
    const { wayBack, onFailure } = this.#relayed;
    const { begun } = wayBack;
    if (begun) wayBack.breakOff();
    onFailure(error, begun);
  }

  onFailure(error: Error): void {
    this.end(error);
  }

  onAnswer(answer: Answer): void {
    const { wayBack } = this.#relayed;
    const { body } = answer;
    try {
      if (body instanceof Uint8Array) {
        handBackWhole(answer, body, wayBack);
        return;
      }
      wayBack.begin(answer);
    } catch (error) {
      this.end(error);
      return;
    }
    body.on('close', () => {
      if (!body.readableEnded) this.end(new Error('the answer was cut off'));
    });
    const endAnswer = (): boolean => {
      wayBack.trail(trailersOf(answer.trailers()));
      return true;
    };
    pour(body, wayBack.body, this.#orFail(endAnswer));
  }

  #endQuestion(): boolean {
    const { asked } = this.#relayed;
    if (!asked.isWhole()) return false;
    this.#asking.trail(trailersOf(asked.trailers()));
    return true;
  }

  /** For listeners of Node's, where what is thrown would end the process. */
  #orFail(act: () => boolean): () => boolean {
    return () => {
      try {
        return act();
      } catch (error) {
        this.end(error);
        return false;
      }
    };
  }
}

function handBackWhole(answer: Answer, body: Uint8Array, wayBack: WayBack): void {
  const raw = answer.trailers();
  const trailers = raw.length === 0 ? [] : trailersOf(raw);
  wayBack.answerWhole(answer, body, trailers);
}
