/** Obtain, rotate, hand out: credentials that stay fresh by themselves. */
export type { Agent } from './agent.ts';
export type { AgentEvent, AgentEventListener } from './agent-event.ts';
export { startAgent, type AgentOptions } from './start-agent.ts';
