/** Where requests go to: targets, which of them is asked, whether they are well, and what they did in the place of an answer. */
export { type Chosen, createUpstream, type Outcome, type TargetFigures, type UpstreamPool } from './create-upstream.ts';
export { Deadlines, type Waiting } from './deadlines.ts';
export { type Member, Roster } from './roster.ts';
export { parseTarget, type ParsedTarget } from './target-url.ts';
export type {
  ActiveHealth,
  Balance,
  CircuitBreaker,
  HealthChange,
  PassiveHealth,
  Retries,
  UpstreamOptions,
  UpstreamTls,
} from './upstream-options.ts';
