/** How often a caller may ask, as the configuration has it; what is absent is not limited. */
export interface Limits {
  /** Sustained. More than zero; a fraction is one request in several seconds. */
  readonly requestsPerSecond?: number | undefined;
  /** Requests at once after a rest. Default: one second's, and one at least. */
  readonly burst?: number | undefined;
  /** Between two midnights (UTC). */
  readonly requestsPerDay?: number | undefined;
  /** At the same time. */
  readonly connections?: number | undefined;
}

export type LimitedBy = 'rate' | 'quota' | 'connections';

export interface LimitVerdict {
  readonly allowed: boolean;
  /** Which limit said no. */
  readonly by?: LimitedBy;
  /** Requests left before the rate says no; `undefined` where there is none. */
  readonly burstLeft: number | undefined;
  /** Until the whole burst is there again. */
  readonly burstResetMs: number;
  readonly dayLeft: number | undefined;
  readonly dayResetMs: number;
  /** Until the same request would be allowed; 0 where this one was. */
  readonly retryAfterMs: number;
}

/** @throws TypeError where a number cannot be one of these */
export function requireLimits({ requestsPerSecond, burst, requestsPerDay, connections }: Limits): void {
  const whole = (value: number | undefined): boolean =>
    value === undefined || (Number.isSafeInteger(value) && value >= 1);
  const rate = requestsPerSecond === undefined || (requestsPerSecond > 0 && Number.isFinite(requestsPerSecond));
  if (!rate || ![burst, requestsPerDay, connections].every(whole)) throw new TypeError('limits are positive numbers');
}

export function burstOf({ requestsPerSecond = 0, burst }: Limits): number {
  return burst ?? Math.max(1, Math.ceil(requestsPerSecond));
}
