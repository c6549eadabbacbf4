/** Waits until what was revoked is closed everywhere, and says where it is and where it may not be. */
import { type Clock, toRfc3339 } from '../../ground/clock/index.ts';
import type { Endpoints } from './endpoints.ts';

export interface Enforcement {
  readonly enforced: number;
  readonly of: number;
  readonly ms: number;
  readonly unreachable: { name: string; leaseEnds: string }[];
  readonly closed: number;
}

export interface EnforcementQuestion {
  readonly endpoints: Endpoints;
  readonly number: number;
  readonly clock: Clock;
  /** When the decision fell, on the monotonic clock. */
  readonly startMs: number;
  readonly waitMs: number;
}

export interface AwaitedEnforcement {
  settle(): Promise<Enforcement>;
  /** Nobody asks any more. */
  abandon(): void;
}

/**
 * Made before the message goes out, so that no acknowledgement is missed; `settle` resolves when all that are expected to have acknowledged, or after
 * `waitMs`. Those that hold a lease but are not subscribed are not waited for: they are named.
 */
export function awaitEnforcement(question: EnforcementQuestion): AwaitedEnforcement {
  const { endpoints, number, clock, startMs } = question;
  let closed = 0;
  let lastMs = startMs;
  let done: (() => void) | undefined;
  const missing = (): boolean => endpoints.missing(number);
  const stop = endpoints.watch((acknowledgement) => {
    if (acknowledgement !== undefined && acknowledgement.number >= number) {
      closed += acknowledgement.closed;
      lastMs = clock.monotonic();
    }
    if (!missing()) done?.();
  });

  return {
    abandon: stop,
    settle: async () => {
      if (missing()) {
        await new Promise<void>((resolve) => {
          const timer = clock.after(question.waitMs, resolve);
          done = () => {
            timer.cancel();
            resolve();
          };
        });
      }
      stop();
      const holders = endpoints.holders();
      const late = holders.filter(({ acknowledged }) => acknowledged < number);
      return {
        enforced: holders.length - late.length,
        of: holders.length,
        ms: Math.round((lastMs - startMs) * 10) / 10,
        unreachable: late.map(({ spiffeId, leaseEndsMs }) => ({ name: spiffeId, leaseEnds: toRfc3339(leaseEndsMs) })),
        closed,
      };
    },
  };
}
