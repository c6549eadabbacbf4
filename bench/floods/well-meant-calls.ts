/** Calls of somebody who means well, so many a second by the clock, and how long each took. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { flooded, type FloodedGateway } from './flooded-gateway.ts';

const perSecond = 200;

/** Each so many-th has a handshake of its own. */
const every = 10;

/** Milliseconds. */
export interface Waits {
  readonly all: readonly number[];
  /** Of those on connections that were there. */
  readonly kept: readonly number[];
}

export class WellMeantCalls {
  readonly #of: Pick<FloodedGateway, 'port' | 'caller'>;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(of: Pick<FloodedGateway, 'port' | 'caller'>) {
    this.#of = of;
  }

  async during(ms: number): Promise<Waits> {
    const all: number[] = [];
    const kept: number[] = [];
    const calls: Promise<void>[] = [];
    const begun = performance.now();
    for (let at = 0; at < (ms * perSecond) / 1_000; at += 1) {
      const early = begun + (at * 1_000) / perSecond - performance.now();
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      const own = at % every === every - 1;
      calls.push(
        this.#call(own ? false : this.#agent).then((took) => {
          all.push(took);
          if (!own) kept.push(took);
        }),
      );
    }
    await Promise.all(calls);
    return { all, kept };
  }

  close(): void {
    this.#agent.destroy();
  }

  async #call(agent: Agent | false): Promise<number> {
    const began = performance.now();
    const { port, caller } = this.#of;
    const asking = request({
      ...{ host: '127.0.0.1', port, path: '/', servername: flooded, headers: { host: flooded }, agent },
      ...{ rejectUnauthorized: false, ...caller },
    }).end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    await once(answer.resume(), 'end');
    if (answer.statusCode !== 200) throw new Error(`answered ${String(answer.statusCode)}`);
    return performance.now() - began;
  }
}

/** @param share 0.99 for the p99 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
