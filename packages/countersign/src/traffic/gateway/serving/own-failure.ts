/** What the gateway's own parts throw: it becomes a refusal with a code, and neither lets a request through nor ends the process. */
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { type Remote, tell } from '../../../runtime/tls/index.ts';
import type { AccessRecord } from './access.ts';

/** Characters of an error's text that a log line is given. Own choice. */
const mostOfReason = 300;

/** @param error a refusal stays what it is */
export function ownFailure(part: string, error: unknown): Refusal {
  if (isRefusal(error)) return error;
  const reason = (error instanceof Error ? String(error) : `threw ${typeof error}`).slice(0, mostOfReason);
  return new Refusal('CS-GATEWAY-099', { part, reason }, { cause: error });
}

/** Who is told of what nobody sent. */
export const nobody: Remote = { address: 'none', port: 0 };

type OnRefusal = (refusal: Refusal, remote: Remote) => void;

interface Listeners {
  readonly onAccess: (record: AccessRecord) => void;
  readonly onRefusal: OnRefusal;
  readonly onClosed: OnRefusal;
  readonly onWarning?: ((warning: Refusal) => void) | undefined;
}

/** The same listeners; what they throw, or reject with, is told with its code, that of the listener of refusals as a warning of the process. */
export function heardListeners<Options extends Listeners>(options: Options): Options {
  const onRefusal: OnRefusal = (refusal, remote) => {
    tell(options.onRefusal, refusal, remote);
  };
  const { onAccess, onClosed, onWarning } = options;
  return {
    ...options,
    onRefusal,
    onAccess: heard('onAccess', onRefusal, onAccess),
    onClosed: heard('onClosed', onRefusal, onClosed),
    ...(onWarning && { onWarning: heard('onWarning', onRefusal, onWarning) }),
  };
}

/** Called with each request, so it makes nothing where nothing fails. */
export function heard<Fact, More>(
  part: string,
  onRefusal: OnRefusal,
  listener: (fact: Fact, more: More) => unknown,
): (fact: Fact, more: More) => void {
  const failed = (error: unknown): void => {
    onRefusal(ownFailure(part, error), nobody);
  };
  return (fact, more) => {
    try {
      // Declared to answer nothing, which an asynchronous function fits as well.
      const done = listener(fact, more);
      if (done instanceof Promise) done.catch(failed);
    } catch (error) {
      failed(error);
    }
  };
}
