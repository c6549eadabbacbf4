/** The second door for clients: arms an agent that a program has already, of node:https or of undici. */
import { Agent as HttpsAgent } from 'node:https';
import type { Agent as UndiciAgent } from 'undici';
import type { PolicyOrSource } from '../peer/policy-source.ts';
import { armHttpsAgent } from './arm-https-agent.ts';
import { armUndiciAgent } from './arm-undici-agent.ts';
import type { Armed } from './armed.ts';
import { ClientEndpoint } from './client-endpoint.ts';
import type { ClientOptions } from './client-options.ts';

/**
 * From then on every connection of the agent is one of mutual TLS, under the policy, whatever it was made with. Arm it before its first request.
 * @param policy who may be the server; required, there is no default
 * @throws TypeError that says what is not as it is known: an agent that cannot be armed whole is not armed at all
 */
export function armAgent(policy: PolicyOrSource, options: ClientOptions, agent: HttpsAgent | UndiciAgent): Armed {
  const endpoint = new ClientEndpoint(policy, options);
  return agent instanceof HttpsAgent ? armHttpsAgent(agent, endpoint) : armUndiciAgent(agent, endpoint);
}
