/** Looks at a new peer, and where its status is not known and can be fetched, again when it was: the first answer of a responder may be on its way. */
import type { Trust } from '../trust/trust.ts';
import { unansweredFor } from './ask-status.ts';

export interface Looking<T> {
  readonly trust: Trust;
  /** Throws the refusal. @param mayWait as `StatusAsking` has it */
  readonly look: (mayWait: boolean) => T;
  /** Ends the waiting: what is known then decides. Asked for where something is waited for. */
  readonly patience: () => AbortSignal;
}

/** Not a promise where there is nothing to wait for. @throws and rejects with what `look` throws */
export function lookOrWait<T>({ trust, look, patience }: Looking<T>): T | Promise<T> {
  const { statuses } = trust;
  if (statuses === undefined) return look(false);
  try {
    return look(true);
  } catch (error) {
    const subject = unansweredFor(error);
    if (subject === undefined) throw error;
    const signal = patience();
    const fetching = signal.aborted ? undefined : statuses.fetchFor(subject, signal);
    if (fetching === undefined && !statuses.lets(subject)) throw error;
    if (fetching === undefined) return look(false);
    return settledOrAborted(fetching, signal).then(() => statuses.inTurn(() => look(false)));
  }
}

/** Who fetches may not heed the signal. */
function settledOrAborted(fetching: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done);
    void fetching.then(done);
  });
}
