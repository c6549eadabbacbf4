/** One HTTP request on to a plain program, and its response back: bodies as they come, trailers after them. */
import type { Asked } from './asked.ts';
import { pour } from './pour.ts';
import { type HeaderList, trailersOf } from './program-headers.ts';
import type { Answer, Asking, Program, Upstream } from './program.ts';
import type { WayBack } from './way-back.ts';

export interface RelayedRequest {
  readonly asked: Asked;
  readonly wayBack: WayBack;
  readonly upstream: Upstream;
  readonly headers: HeaderList;
  readonly program: Program;
  /** As `Question` has it. */
  readonly preface?: Uint8Array | undefined;
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
  const { asked, wayBack, upstream, headers, program, preface, onUnsayable } = relayed;
  const { method, target, hasBody, connection } = asked;
  let asking: Asking;
  try {
    asking = program.ask({ upstream, method, target, headers, hasBody, connection, preface });
  } catch (error) {
    onUnsayable(error);
    return nothingUnderWay;
  }
  let over = false;
  const fail = (error: unknown): void => {
    if (over) return;
    over = true;
    asking.giveUp();
    const { begun } = wayBack;
    if (begun) wayBack.breakOff();
    relayed.onFailure(error, begun);
  };
  asking.on({ onAnswer: (answer) => handBack(answer, wayBack, fail), onFailure: fail });
  wayBack.onGone(() => {
    over = true;
    // The program need not go on for him.
    asking.giveUp();
  });
  const endQuestion = (): boolean => {
    if (!asked.isWhole()) return false;
    asking.trail(trailersOf(asked.trailers()));
    return true;
  };
  if (asking.body === undefined) asked.body.resume();
  else pour(asked.body, asking.body, orFail(fail, endQuestion));
  return { end: fail };
}

function handBack(answer: Answer, wayBack: WayBack, fail: (error: unknown) => void): void {
  const { body } = answer;
  try {
    if (body instanceof Uint8Array) {
      handBackWhole(answer, body, wayBack);
      return;
    }
    wayBack.begin(answer);
  } catch (error) {
    fail(error);
    return;
  }
  body.on('close', () => {
    if (!body.readableEnded) fail(new Error('the answer was cut off'));
  });
  const endAnswer = (): boolean => {
    wayBack.trail(trailersOf(answer.trailers()));
    return true;
  };
  pour(body, wayBack.body, orFail(fail, endAnswer));
}

function handBackWhole(answer: Answer, body: Uint8Array, wayBack: WayBack): void {
  const raw = answer.trailers();
  const trailers = raw.length === 0 ? [] : trailersOf(raw);
  wayBack.answerWhole(answer, body, trailers);
}

/** For listeners of Node's, where what is thrown would end the process. */
function orFail(fail: (error: unknown) => void, act: () => boolean): () => boolean {
  return () => {
    try {
      return act();
    } catch (error) {
      fail(error);
      return false;
    }
  };
}
