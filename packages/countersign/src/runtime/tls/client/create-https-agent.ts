/** An agent for node:https over mutual TLS; connections of an earlier generation are not used again. */
import { Agent } from 'node:https';
import type { PolicyOrSource } from '../peer/policy-source.ts';
import { armHttpsAgent } from './arm-https-agent.ts';
import { ClientEndpoint } from './client-endpoint.ts';
import type { ClientOptions } from './client-options.ts';

/**
 * Also for `ws` and whatever else takes an agent of node:https.
 * @param policy who may be the server; required, there is no default. Options of a request such as `ca`, `cert` or
 *   `rejectUnauthorized` change nothing here.
 */
export function createHttpsAgent(policy: PolicyOrSource, options: ClientOptions): Agent {
  const agent = new Agent({ keepAlive: true, maxCachedSessions: 0 });
  armHttpsAgent(agent, new ClientEndpoint(policy, options));
  return agent;
}
