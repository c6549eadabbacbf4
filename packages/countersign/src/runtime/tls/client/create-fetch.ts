/** `fetch` over mutual TLS: undici's own, with a dispatcher of ours that no call can leave out. */
import type { RequestInfo, RequestInit, Response } from 'undici';
import { isRefusal } from '../../../ground/errors/index.ts';
import type { PolicyOrSource } from '../peer/policy-source.ts';
import type { ClientOptions } from './client-options.ts';
import { createDispatcher } from './create-dispatcher.ts';

export interface MutualFetch {
  /**
   * As the standard has it, but that a call which mutual TLS refuses rejects with the Refusal itself.
   * Redirects are followed under the same policy, and never to http:.
   */
  (input: RequestInfo, init?: RequestInit): Promise<Response>;
  /** Lets requests finish and closes the connections. */
  close(): Promise<void>;
}

/** @param policy who may be the server; required, there is no default. It holds for every origin that is called. */
export function createFetch(policy: PolicyOrSource, options: ClientOptions): MutualFetch {
  const dispatcher = createDispatcher(policy, options);
  const mutualFetch = async (input: RequestInfo, init: RequestInit = {}): Promise<Response> => {
    if (init.dispatcher !== undefined) throw new TypeError('this fetch has its dispatcher; give another one to undici');
    const { fetch } = await import('undici');
    try {
      return await fetch(input, { ...init, dispatcher });
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      throw isRefusal(cause) ? cause : error;
    }
  };
  return Object.assign(mutualFetch, { close: () => dispatcher.close() });
}
