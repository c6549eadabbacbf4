/** Obtain, rotate, hand out: credentials that stay fresh by themselves. `openWorkload` is what a service calls. */
export type { Agent } from './agent.ts';
export type { AgentEvent, AgentEventListener } from './agent-event.ts';
export { openWorkload, type Workload, type WorkloadOptions } from './open-workload.ts';
export { startAgent, type AgentOptions } from './start-agent.ts';
