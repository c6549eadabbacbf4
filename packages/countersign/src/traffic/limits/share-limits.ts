/** Limits that several workers share: each tells the others at intervals what it has let through, over whatever carries messages between them. */
import { BroadcastChannel } from 'node:worker_threads';
import type { Clock, Timer } from '../../ground/clock/index.ts';
import type { Limiter } from './limiter.ts';
import type { Limits } from './limits.ts';
import type { ToldUsage } from './usage.ts';

/** To all others and from them: node:cluster's or worker threads' messages through their parent, a BroadcastChannel, or a bus. */
export interface LimitChannel {
  send(used: readonly ToldUsage[]): void;
  /** @returns ends it */
  onMessage(listener: (used: readonly ToldUsage[]) => void): () => void;
}

export interface ShareLimitsOptions {
  readonly clock: Clock;
  readonly channel: LimitChannel;
  /** Of a caller and route, as the configuration is now. */
  readonly limitsOf: (key: string) => Limits | undefined;
  /** Default 100 ms. In it, each worker may let through what the limit allows, before it hears of the others. */
  readonly everyMs?: number;
}

const everyDefaultMs = 100;

/** @returns ends it */
export function shareLimits(limiter: Limiter, options: ShareLimitsOptions): () => void {
  const { clock, channel, limitsOf, everyMs = everyDefaultMs } = options;
  const deaf = channel.onMessage((used) => limiter.hear(used, limitsOf));
  let timer: Timer;
  const later = (): void => {
    timer = clock.after(
      everyMs,
      () => {
        const used = limiter.tell();
        if (used.length > 0) channel.send(used);
        later();
      },
      { unref: true },
    );
  };
  later();
  return () => {
    timer.cancel();
    deaf();
  };
}

/** Between worker threads of one process; what comes is held to its form, as anything may be sent there. */
export function broadcastLimits(name: string = 'countersign-limits'): LimitChannel & { close(): void } {
  const channel = new BroadcastChannel(name);
  channel.unref();
  return {
    send: (used) => channel.postMessage(used),
    onMessage: (listener) => {
      channel.onmessage = (event: unknown) => {
        const { data } = event as { readonly data: unknown };
        if (isToldUsage(data)) listener(data);
      };
      return () => (channel.onmessage = () => undefined);
    },
    close: () => channel.close(),
  };
}

function isToldUsage(data: unknown): data is readonly ToldUsage[] {
  return (
    Array.isArray(data) &&
    data.every((one: unknown) => {
      const { key, requests } = (one ?? {}) as Readonly<Record<string, unknown>>;
      return typeof key === 'string' && typeof requests === 'number';
    })
  );
}
