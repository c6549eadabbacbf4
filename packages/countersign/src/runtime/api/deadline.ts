/** A time limit for work of several steps: one signal for all, so that the whole ends in time and not each step. */
import type { Clock } from '../../ground/clock/index.ts';

export interface Deadline {
  readonly signal: AbortSignal;
  readonly limitMs: number;
  /** Call when the work has ended. */
  cancel(): void;
}

/** 9 s: whoever asks an authority that is away has an answer within 10 s, the process's start and end included. */
export const longestExchangeMs = 9_000;

/** 5 s: a connection that is not there by then is as good as none, and leaves time for the rest. Ours to choose. */
export const longestConnectMs = 5_000;

/** @param signal ends the work as well, with its own reason */
export function startDeadline(clock: Clock, limitMs: number = longestExchangeMs, signal?: AbortSignal): Deadline {
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal?.reason);
  const timer = clock.after(limitMs, () => controller.abort(timedOut));
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted === true) abort();
  return {
    signal: controller.signal,
    limitMs,
    cancel: () => {
      timer.cancel();
      signal?.removeEventListener('abort', abort);
    },
  };
}

/** The reason of a signal whose time was up. */
export const timedOut: unique symbol = Symbol('the time limit passed');
