/** Where requests go on to: the gateway knows a name, and is told a place and the program that speaks there. */
import type { Clock } from '../../ground/clock/index.ts';
import { http1Program, http2Program, type Program, type Upstream } from '../relay/index.ts';
import type { GatewayFile } from './configuration/gateway-file.ts';

export interface ChosenUpstream {
  readonly upstream: Upstream;
  readonly program: Program;
  /** Whether it takes connections that are turned into something else, as WebSockets do. */
  readonly upgrades: boolean;
  /** What came of it: `undefined` once it has answered. */
  readonly done?: (error: unknown) => void;
}

/** Of one configuration. */
export interface Upstreams {
  /** `undefined` where none of its targets is there. */
  choose(name: string): ChosenUpstream | undefined;
}

export type MakeUpstreams = (settings: GatewayFile['upstreams']) => Upstreams;

/** Each target in its turn, whatever becomes of it. The connections outlive a configuration. */
export function plainUpstreams(clock: Clock): MakeUpstreams {
  const http = http1Program({ clock });
  const h2c = http2Program();
  return (settings) => {
    const pools = new Map(
      Object.entries(settings).map(([name, { targets }]) => {
        const chosen = targets.map((target): ChosenUpstream => {
          const { protocol, hostname, port } = new URL(target.replace(/^h2c:/, 'http+h2c:'));
          const host = hostname.replace(/^\[|\]$/g, '');
          const upgrades = protocol === 'http:';
          return {
            upstream: { host, port: Number(port === '' ? 80 : port) },
            program: upgrades ? http : h2c,
            upgrades,
          };
        });
        const pool: { readonly chosen: readonly ChosenUpstream[]; next: number } = { chosen, next: 0 };
        return [name, pool] as const;
      }),
    );
    return {
      choose: (name) => {
        const pool = pools.get(name);
        if (pool === undefined) return undefined;
        const chosen = pool.chosen[pool.next];
        pool.next = (pool.next + 1) % pool.chosen.length;
        return chosen;
      },
    };
  };
}
