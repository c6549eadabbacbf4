/** The registry that a gateway's configuration names: followed while the configuration says so, and what it tells put beside the file's partners. */
import type { Clock } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { BundleSet } from '../../../identity/spiffe/index.ts';
import type { Metrics } from '../../../runtime/telemetry/index.ts';
import { type Credential, MutableSource } from '../../../runtime/tls/index.ts';
import type { RegistrySettings } from '../configuration/gateway-file.ts';
import {
  cachePathOf,
  type LoadedConfiguration,
  sameBundle,
  sameCredential,
} from '../configuration/load-configuration.ts';
import { type HandedPartners, mergedPartners } from './registered-partners.ts';
import { type Closed, RegistryFollower, type RegistryState } from './registry-follower.ts';

export type { Closed } from './registry-follower.ts';

export interface RegistryOptions {
  readonly clock: Clock;
  /** They are others: to be put into force at once. */
  readonly onPartners: () => Closed | Promise<Closed>;
  readonly onTrouble: (refusal: Refusal) => void;
}

export interface RegistryStatus {
  readonly authority: string;
  readonly state: RegistryState;
  readonly partners: number;
  /** When the authority said last that these are the partners, milliseconds since 1970. */
  readonly asOfMs: number | undefined;
  readonly ageMs: number | undefined;
}

interface Followed {
  readonly key: string;
  readonly settings: RegistrySettings;
  readonly follower: RegistryFollower;
  readonly credentials: MutableSource<Credential>;
  readonly bundles: MutableSource<BundleSet>;
}

export class Registry {
  readonly #options: RegistryOptions;
  #followed: Followed | undefined;
  #isRunning = false;
  readonly #endings = new Set<Promise<void>>();
  readonly #toldInBoth = new Set<string>();

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** With the partners of its registry beside its own: those heard last where it is the registry that is followed, else those of the cache. */
  whole(written: LoadedConfiguration): LoadedConfiguration {
    const { partners: registered } = this.registered(written);
    if (registered.length === 0) return written;
    const { partners, inBoth } = mergedPartners(written.file, registered);
    for (const partner of inBoth) {
      if (this.#toldInBoth.has(partner)) continue;
      this.#toldInBoth.add(partner);
      this.#options.onTrouble(new Refusal('CS-GATEWAY-067', { partner }));
    }
    return { ...written, file: { ...written.file, partners } };
  }

  /** For who serves by it elsewhere: its own partners, without those of the file. */
  registered(written: LoadedConfiguration): HandedPartners {
    const [followed, key] = [this.#followed, keyOfRegistry(written)];
    const isFollowed = followed !== undefined && followed.key === key;
    return { key, partners: isFollowed ? followed.follower.partners : (written.cache?.cached?.partners ?? []) };
  }

  /** From now on it is the one of this configuration. What of it is unchanged goes on. */
  take(written: LoadedConfiguration): void {
    const key = keyOfRegistry(written);
    const followed = this.#followed;
    if (key === undefined || key !== followed?.key) {
      this.#leave();
      this.#followed = key === undefined ? undefined : this.#follow(key, written);
      if (this.#isRunning) this.#followed?.follower.begin();
      return;
    }
    const { credentials, bundles } = followed;
    const { credential, bundle } = meansOf(written);
    if (!sameCredential(credentials.current(), credential)) credentials.set(credential);
    const before = bundles.current().get(bundle.trustDomain);
    if (before === undefined || !sameBundle(before, bundle))
      bundles.set(new BundleSet(bundle.trustDomain, [{ ...bundle, sequence: (before?.sequence ?? 0) + 1 }]));
  }

  begin(): void {
    this.#isRunning = true;
    this.#followed?.follower.begin();
  }

  async close(): Promise<void> {
    this.#isRunning = false;
    this.#leave();
    await Promise.all(this.#endings);
  }

  get status(): RegistryStatus | undefined {
    if (this.#followed === undefined) return undefined;
    const { settings, follower } = this.#followed;
    const { state, asOfMs, partners } = follower;
    const ageMs = asOfMs === undefined ? undefined : Math.max(0, this.#options.clock.now() - asOfMs);
    return { authority: settings.authority, state, partners: partners.length, asOfMs, ageMs };
  }

  observe(metrics: Metrics): void {
    const age = metrics.gauge({
      name: 'countersign_gateway_registry_age_seconds',
      help: 'Since the authority said last who the partners of its registry are.',
      unit: 'seconds',
    });
    const following = metrics.gauge({
      name: 'countersign_gateway_registry_following',
      help: 'Whether the registry of partners is heard: 1, or 0 while what was heard last is in force.',
    });
    metrics.beforeRead(() => {
      const { status } = this;
      if (status === undefined) return;
      following.set({}, status.state === 'following' ? 1 : 0);
      if (status.ageMs !== undefined) age.set({}, status.ageMs / 1000);
    });
  }

  #follow(key: string, written: LoadedConfiguration): Followed {
    const { registry } = written.file;
    if (registry === undefined) throw new TypeError('there is no registry to follow');
    const { clock, onPartners, onTrouble } = this.#options;
    const { credential, bundle } = meansOf(written);
    const credentials = new MutableSource(credential);
    const bundles = new MutableSource(new BundleSet(bundle.trustDomain, [bundle]));
    const { cached, problem } = written.cache ?? { cached: undefined };
    if (problem !== undefined) onTrouble(problem);
    const follower: RegistryFollower = new RegistryFollower({
      ...{ settings: registry, cachePath: cachePathOf(written.path, registry), cached, credentials, bundles, clock },
      onTrouble,
      // Of one that was replaced meanwhile nothing is taken any more.
      onPartners: () => (this.#followed?.follower === follower ? onPartners() : { connections: 0, requests: 0 }),
    });
    return { key, settings: registry, follower, credentials, bundles };
  }

  #leave(): void {
    const ending = this.#followed?.follower.close();
    this.#followed = undefined;
    if (ending === undefined) return;
    this.#endings.add(ending);
    void ending.finally(() => this.#endings.delete(ending));
  }
}

/** The same key, the same partners. */
export function keyOfRegistry({ path, file: { registry } }: LoadedConfiguration): string | undefined {
  return registry && JSON.stringify([registry.authority, registry.trust, cachePathOf(path, registry)]);
}

function meansOf({ file: { registry }, credentials, bundles }: LoadedConfiguration): {
  readonly credential: Credential;
  readonly bundle: NonNullable<ReturnType<typeof bundles.get>>;
} {
  const credential = credentials.get(registry?.credential ?? '');
  const bundle = bundles.get(registry?.trust ?? '');
  if (credential === undefined || bundle === undefined) throw new TypeError('the configuration was not checked');
  return { credential, bundle };
}
