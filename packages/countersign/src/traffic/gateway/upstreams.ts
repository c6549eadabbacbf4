/** Where requests go on to: the gateway knows a name, and is told a place and the program that speaks there. */
import type { Socket } from 'node:net';
import type { Clock } from '../../ground/clock/index.ts';
import { isRefusal, type Refusal } from '../../ground/errors/index.ts';
import type { Program, Upstream } from '../relay/index.ts';
import { createUpstream, type Outcome, parseTarget, type TargetFigures, type UpstreamPool } from '../upstream/index.ts';
import type { GatewayFile, UpstreamSettings } from './configuration/gateway-file.ts';
import type { LoadedConfiguration } from './configuration/load-configuration.ts';
import type { UpstreamTlsKeeper } from './upstream-tls.ts';

export interface ChosenUpstream {
  readonly upstream: Upstream;
  /** Counts and judges by itself what is asked of it. */
  readonly program: Program;
  /** Whether it takes connections that are turned into something else, as WebSockets do. */
  readonly upgrades: boolean;
  /** A connection of its own; `done` tells then what came of it. */
  open(): Socket | Promise<Socket>;
  done(outcome: Outcome): void;
  /** What went wrong with a connection of `open`, by its code. */
  failureOf(error: unknown): Refusal;
}

/** Of one configuration. */
export interface Upstreams {
  /** CS-GATEWAY-030 to 042 where none of its targets may be asked. @param name one that the configuration has */
  choose(name: string): ChosenUpstream | Refusal;
}

/** Pools outlive a configuration where nothing about them was changed: so do their connections, and what is known of their targets. */
export class UpstreamPools {
  readonly #clock: Clock;
  readonly #tls: UpstreamTlsKeeper;
  /** By name and settings. */
  readonly #pools = new Map<string, UpstreamPool>();

  constructor(clock: Clock, tls: UpstreamTlsKeeper) {
    this.#clock = clock;
    this.#tls = tls;
  }

  /** @throws CS-TLS-007 where TLS does not take a credential */
  of(configuration: LoadedConfiguration): Upstreams {
    this.#tls.requireUsable(configuration);
    const { upstreams } = configuration.file;
    const pools = new Map(Object.entries(upstreams).map(([name, one]) => [name, this.#pool(name, one, configuration)]));
    const urls = Object.values(upstreams).flatMap(({ targets }) => targets);
    const upgrading = new Set(urls.filter((url) => parseTarget(url).version === 'http/1.1'));
    return {
      choose: (name) => {
        const pool = pools.get(name);
        if (pool === undefined) throw new TypeError(`the configuration was taken without the upstream ${name}`);
        const chosen = pool.choose();
        if (isRefusal(chosen)) return chosen;
        const { url, target: upstream, program } = chosen;
        return {
          upstream,
          program,
          upgrades: upgrading.has(url),
          open: () => chosen.open(),
          done: (outcome) => chosen.done(outcome),
          failureOf: (error) => pool.failureOf(error, chosen),
        };
      },
    };
  }

  /** For when another configuration is in force: requests that are under way at the other ones go on. */
  keepOnly(configuration: LoadedConfiguration): void {
    this.#close(configuration.file.upstreams);
    this.#tls.present(configuration);
  }

  close(): void {
    this.#close({});
  }

  #close(settings: GatewayFile['upstreams']): void {
    const kept = new Set(Object.entries(settings).map(([name, one]) => keyOf(name, one)));
    for (const [key, pool] of this.#pools) {
      if (kept.has(key)) continue;
      this.#pools.delete(key);
      pool.close();
    }
  }

  figures(): readonly (TargetFigures & { readonly upstream: string })[] {
    return [...this.#pools.values()].flatMap((pool) =>
      pool.figures().map((figures) => ({ ...figures, upstream: pool.name })),
    );
  }

  #pool(name: string, settings: UpstreamSettings, configuration: LoadedConfiguration): UpstreamPool {
    const key = keyOf(name, settings);
    const known = this.#pools.get(key);
    if (known !== undefined) return known;
    const tls = settings.tls && this.#tls.of(settings.tls, configuration);
    const pool = createUpstream({ name, clock: this.#clock, ...given(settings), ...(tls && { tls }) });
    this.#pools.set(key, pool);
    return pool;
  }
}

function keyOf(name: string, settings: UpstreamSettings): string {
  return JSON.stringify([name, settings]);
}

/** Without what the file leaves open: the pool has defaults of its own. */
function given({
  targets,
  balance,
  health,
  slowStartMs,
  retries,
  circuitBreaker,
  connectMs,
  stallMs,
}: UpstreamSettings) {
  const { active, passive } = health ?? {};
  return {
    targets,
    ...(balance && { balance }),
    health: { ...(active && { active: withoutOpen(active) }), ...(passive && { passive: withoutOpen(passive) }) },
    ...(slowStartMs !== undefined && { slowStartMs }),
    ...(retries !== undefined && { retries: retries === false ? retries : withoutOpen(retries) }),
    ...(circuitBreaker && { circuitBreaker: withoutOpen(circuitBreaker) }),
    ...(connectMs !== undefined && { connectMs }),
    ...(stallMs !== undefined && { stallMs }),
  } as const;
}

type Given<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

function withoutOpen<T extends object>(settings: T): Given<T> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Given<T>;
}
