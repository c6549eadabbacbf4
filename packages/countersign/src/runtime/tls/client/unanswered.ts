/** What was heard on a connection, or on a probe for it, as the refusal that its user gets instead of "Broken pipe". */
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { codeOf, handshakeRefusal } from '../refusals/handshake-refusal.ts';
import { isAlert, type Heard } from './first-answer.ts';

/**
 * `undefined` where it is none, or not known to be one.
 * @param ends whether an end in itself says that this side is not let in: right after the handshake it does
 */
export function refusalHeard(
  heard: Heard,
  address: string,
  ends: 'an end too' | 'unless an end' = 'an end too',
): Refusal | undefined {
  switch (heard.what) {
    case 'refused':
      return ended(address, 'refused in the second stage', heard.said);
    case 'end':
      return ends === 'an end too' && !heard.letIn ? ended(address, 'closed right after the handshake') : undefined;
    case 'error':
      return refusalOfError(heard.error, address, ends);
    case 'ticket':
    case 'data':
    case 'silence':
      return undefined;
  }
}

function refusalOfError(error: unknown, address: string, ends: 'an end too' | 'unless an end'): Refusal | undefined {
  if (isRefusal(error)) return error;
  if (isAlert(error)) return handshakeRefusal({ error, address, minVersion: 'not concerned' });
  return ends === 'an end too'
    ? ended(address, `${codeOf(error)} right after the handshake`, 'nothing', error)
    : undefined;
}

export interface Ending {
  readonly ending: Heard;
  readonly probed: Heard;
  readonly address: string;
  readonly usage: { readonly expectsAnswer: boolean };
}

/** `undefined` where the server may as well have ended without a word, as it is free to. */
export function unanswered({ ending, probed, address, usage }: Ending): Refusal | undefined {
  const found = refusalHeard(probed, address);
  if (found !== undefined) return found;
  if (ending.what === 'error') return ended(address, codeOf(ending.error), 'nothing', ending.error);
  return usage.expectsAnswer ? ended(address, 'closed') : undefined;
}

function ended(address: string, reason: string, said = 'nothing', cause?: unknown): Refusal {
  return new Refusal('CS-TLS-016', { address, reason, said }, cause === undefined ? {} : { cause });
}
