/** How often callers may ask, and how many connections they may hold: by identity, kept over restarts, shared among workers. */
export { type KeepLimitsOptions, keepLimits, type KeptLimits } from './keep-limits.ts';
export { connectionsRefusal, limitHeaders, limitRefusal } from './limit-answer.ts';
export { Limiter, type LimiterOptions } from './limiter.ts';
export { type LimitedBy, type Limits, type LimitVerdict, requireLimits } from './limits.ts';
export { broadcastLimits, type LimitChannel, shareLimits, type ShareLimitsOptions } from './share-limits.ts';
export type { ToldUsage } from './usage.ts';
