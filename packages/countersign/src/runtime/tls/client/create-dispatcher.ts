/** An undici dispatcher over mutual TLS. */
import { createRequire } from 'node:module';
import type { Dispatcher } from 'undici';
import type { PolicyOrSource } from '../peer/policy-source.ts';
import type { ClientOptions } from './client-options.ts';

type DispatcherModule = typeof import('./mutual-tls-dispatcher.ts');

/** This file is TypeScript in the sources and JavaScript in the package, and so is the one beside it. */
const besides = import.meta.url.endsWith('.ts') ? './mutual-tls-dispatcher.ts' : './mutual-tls-dispatcher.js';

/** With the first dispatcher: undici is a hundred modules and 14 MB, which a process that only serves does without. */
function loaded(): DispatcherModule {
  return createRequire(import.meta.url)(besides) as DispatcherModule;
}

/**
 * Speaks HTTP/2 with servers that offer it. Give it to undici's own `fetch` (or use `createFetch`), `request` or `WebSocket`; the global
 * `fetch` of Node knows nothing of it unless it is given with each call. Nothing is retried: a request that failed may have arrived.
 * @param policy who may be the server; required, there is no default. It holds for every origin that is called.
 */
export function createDispatcher(policy: PolicyOrSource, options: ClientOptions): Dispatcher {
  const { MutualTlsDispatcher } = loaded();
  return new MutualTlsDispatcher(policy, options);
}
