/** A request whose connection is still being made. */
import { PassThrough } from 'node:stream';
import { pour } from './pour.ts';
import type { HeaderList } from './program-headers.ts';
import { brokenBy } from './program-failure.ts';
import type { Asking, AskingListeners } from './program.ts';

/** @param ready resolves to what asks, when that is possible */
export function askLater(ready: Promise<() => Asking>, hasBody: boolean): Asking {
  const body = hasBody ? new PassThrough() : undefined;
  let listeners: AskingListeners | undefined;
  let asking: Asking | undefined;
  let over = false;
  let trailers: HeaderList = [];
  const fail = (error: unknown): void => {
    if (over) return;
    over = true;
    listeners?.onFailure(error instanceof Error ? error : new Error(String(error)));
  };
  const begin = (ask: () => Asking): void => {
    if (over) return;
    const begun = ask();
    asking = begun;
    if (listeners !== undefined) begun.on(listeners);
    if (body === undefined || begun.body === undefined) return;
    pour(body, begun.body, () => {
      begun.trail(trailers);
      return true;
    });
  };
  ready.then(begin, (error: unknown) => fail(brokenBy(error as Error, 'unreachable'))).catch(fail);
  return {
    body,
    trail: (given) => {
      trailers = given;
    },
    on: (given) => {
      listeners = given;
    },
    giveUp: () => {
      over = true;
      body?.destroy();
      asking?.giveUp();
    },
  };
}
