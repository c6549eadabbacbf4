/** Where requests go on to: the gateway knows a name, and is told a place and the program that speaks there. */
import type { Socket } from 'node:net';
import type { Clock } from '../../ground/clock/index.ts';
import { isRefusal, type Refusal } from '../../ground/errors/index.ts';
import type { Program, Upstream } from '../relay/index.ts';
import {
  type Chosen,
  createUpstream,
  type HealthChange,
  type Outcome,
  parseTarget,
  type TargetFigures,
  type UpstreamPool,
} from '../upstream/index.ts';
import { localProxyHeader } from '../forwarded-identity/index.ts';
import type { UpstreamSettings } from './configuration/gateway-file.ts';
import type { LoadedConfiguration } from './configuration/load-configuration.ts';
import { TargetChanges } from './target-changes.ts';
import type { UpstreamTlsKeeper } from './upstream-tls.ts';

export interface ChosenUpstream {
  readonly upstream: Upstream;
  /** Counts and judges by itself what is asked of it. */
  readonly program: Program;
  /** Whether it takes connections that are turned into something else, as WebSockets do. */
  readonly upgrades: boolean;
  /** A connection of its own; `done` tells then what came of it. */
  open(preface?: Uint8Array): Socket | Promise<Socket>;
  /** Whether it is told ahead of each connection who calls. */
  readonly prefaced: boolean;
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
  readonly #onNotAuthenticated: (refusal: Refusal) => void;
  readonly changes: TargetChanges;
  /** By name and settings. */
  readonly #pools = new Map<string, UpstreamPool>();

  /** @param onNotAuthenticated each reason of a target once @param onHealth a target is used from now on, or no more */
  constructor(
    clock: Clock,
    tls: UpstreamTlsKeeper,
    onNotAuthenticated: (refusal: Refusal) => void,
    onHealth: (change: HealthChange) => void,
  ) {
    this.#clock = clock;
    this.changes = new TargetChanges(onHealth);
    this.#onNotAuthenticated = onNotAuthenticated;
    this.#tls = tls;
  }

  /** @throws CS-TLS-007 where TLS does not take a credential */
  of(configuration: LoadedConfiguration): Upstreams {
    this.#tls.requireUsable(configuration);
    const { upstreams } = configuration.file;
    const told = prefacedUpstreams(configuration);
    const pools = new Map(
      Object.entries(upstreams).map(([name, one]) => [
        name,
        this.#pool(name, one, { configuration, prefaced: told.has(name) }),
      ]),
    );
    const urls = Object.values(upstreams).flatMap(({ targets }) => targets);
    const upgrading: ReadonlySet<string> = new Set(urls.filter((url) => parseTarget(url).version === 'http/1.1'));
    return {
      choose: (name) => {
        const pool = pools.get(name);
        if (pool === undefined) throw new TypeError(`the configuration was taken without the upstream ${name}`);
        const chosen = pool.choose();
        if (isRefusal(chosen)) return chosen;
        return new ChosenOf(pool, chosen, upgrading, told.size > 0 && told.has(name));
      },
    };
  }

  /** For when another configuration is in force: requests that are under way at the other ones go on. */
  keepOnly(configuration: LoadedConfiguration): void {
    this.#close(configuration);
    this.changes.keepOnly(configuration.file.upstreams);
    this.#tls.present(configuration);
  }

  close(): void {
    this.#close(undefined);
  }

  #close(but: LoadedConfiguration | undefined): void {
    const told = but && prefacedUpstreams(but);
    const upstreams = Object.entries(but?.file.upstreams ?? {});
    const kept = new Set(upstreams.map(([name, one]) => keyOf(name, one, told?.has(name) === true)));
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

  #pool(
    name: string,
    settings: UpstreamSettings,
    { configuration, prefaced }: { configuration: LoadedConfiguration; prefaced: boolean },
  ): UpstreamPool {
    const key = keyOf(name, settings, prefaced);
    const known = this.#pools.get(key);
    if (known !== undefined) return known;
    const tls = settings.tls && this.#tls.of(settings.tls, configuration);
    const pool = createUpstream({
      name,
      clock: this.#clock,
      onNotAuthenticated: this.#onNotAuthenticated,
      onHealth: (change) => this.changes.add(change),
      ...given(settings),
      ...(tls && { tls }),
      ...(prefaced && { ownPreface: localProxyHeader }),
    });
    this.#pools.set(key, pool);
    return pool;
  }
}

function keyOf(name: string, settings: UpstreamSettings, prefaced: boolean): string {
  return JSON.stringify([name, settings, prefaced]);
}

/** All routes to one of them have it. */
function prefacedUpstreams({ file }: LoadedConfiguration): ReadonlySet<string> {
  return new Set(file.routes.filter(({ identity }) => identity === 'proxy-v2').map(({ upstream }) => upstream));
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

class ChosenOf implements ChosenUpstream {
  readonly prefaced: boolean;
  readonly #pool: UpstreamPool;
  readonly #chosen: Chosen;
  readonly #upgrading: ReadonlySet<string>;

  /** @param upgrading the targets that take upgrades */
  constructor(pool: UpstreamPool, chosen: Chosen, upgrading: ReadonlySet<string>, prefaced: boolean) {
    this.#pool = pool;
    this.#chosen = chosen;
    this.#upgrading = upgrading;
    this.prefaced = prefaced;
  }

  get upgrades(): boolean {
    return this.#upgrading.has(this.#chosen.url);
  }

  get upstream(): Upstream {
    return this.#chosen.target;
  }

  get program(): Program {
    return this.#chosen.program;
  }

  open(preface?: Uint8Array): Socket | Promise<Socket> {
    return this.#chosen.open(preface);
  }

  done(outcome: Outcome): void {
    this.#chosen.done(outcome);
  }

  failureOf(error: unknown): Refusal {
    return this.#pool.failureOf(error, this.#chosen);
  }
}
