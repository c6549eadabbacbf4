/** What a caller is told of its limits: `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10), `Retry-After`, and the refusal. */
import { Refusal } from '../../ground/errors/index.ts';
import { burstOf, type Limits, type LimitVerdict } from './limits.ts';

const daySeconds = 86_400;

/** Names in lower case; none where nothing is limited. */
export function limitHeaders(verdict: LimitVerdict, limits: Limits): readonly (readonly [string, string])[] {
  const { burstLeft, burstResetMs, dayLeft, dayResetMs, allowed, retryAfterMs } = verdict;
  const { requestsPerSecond = 1, requestsPerDay } = limits;
  const policies: string[] = [];
  const states: string[] = [];
  if (burstLeft !== undefined) {
    const burst = burstOf(limits);
    policies.push(`"rate";q=${burst};w=${seconds((burst * 1_000) / requestsPerSecond)}`);
    states.push(`"rate";r=${burstLeft};t=${seconds(burstResetMs)}`);
  }
  if (dayLeft !== undefined) {
    policies.push(`"day";q=${String(requestsPerDay)};w=${daySeconds}`);
    states.push(`"day";r=${dayLeft};t=${seconds(dayResetMs)}`);
  }
  if (policies.length === 0) return [];
  return [
    ['ratelimit-policy', policies.join(', ')],
    ['ratelimit', states.join(', ')],
    ...(allowed ? [] : [['retry-after', String(Math.max(1, seconds(retryAfterMs)))] as const]),
  ];
}

/** @param caller as the log names it */
export function limitRefusal(verdict: LimitVerdict, limits: Limits, caller: string): Refusal {
  const retryAfterSeconds = Math.max(1, seconds(verdict.retryAfterMs));
  const { requestsPerSecond = 0, requestsPerDay = 0 } = limits;
  if (verdict.by === 'quota') return new Refusal('CS-GATEWAY-056', { caller, requestsPerDay, retryAfterSeconds });
  return new Refusal('CS-GATEWAY-055', { caller, requestsPerSecond, burst: burstOf(limits), retryAfterSeconds });
}

export function connectionsRefusal({ connections = 0 }: Limits, caller: string): Refusal {
  return new Refusal('CS-GATEWAY-057', { caller, connections });
}

/** Never too early. */
function seconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}
