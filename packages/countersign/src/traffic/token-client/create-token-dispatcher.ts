/** An undici dispatcher over mutual TLS whose requests carry an access token that is bound to its certificate. */
import { createRequire } from 'node:module';
import type { Dispatcher } from 'undici';
import type { PolicyOrSource } from '../../runtime/tls/index.ts';
import type { TokenDispatcherOptions } from './token-dispatcher-options.ts';

type DispatcherModule = typeof import('./token-dispatcher.ts');

/** This file is TypeScript in the sources and JavaScript in the package, and so is the one beside it. */
const besides = import.meta.url.endsWith('.ts') ? './token-dispatcher.ts' : './token-dispatcher.js';

/** With the first dispatcher, as undici itself. */
function loaded(): DispatcherModule {
  return createRequire(import.meta.url)(besides) as DispatcherModule;
}

/**
 * The token is got with the first request, renewed ahead of its end, and used over connections of its own credential alone: when the credential rotates, the
 * old one with its token serves until the new one has one. Where a resource refuses a token as `invalid_token`, a safe request is repeated once.
 * @param policy who the resources may be; required, there is no default
 */
export function createTokenDispatcher(policy: PolicyOrSource, options: TokenDispatcherOptions): Dispatcher {
  const { TokenDispatcher } = loaded();
  return new TokenDispatcher(policy, options);
}
