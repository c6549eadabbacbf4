/** Whom the gateway's hosts trust: one trust for each list of trust domains, all of them over the same bundles, feeds, lists and responders. */
import { type Clock, sleep } from '../../../ground/clock/index.ts';
import type { Refusal, RefusalCode } from '../../../ground/errors/index.ts';
import { type Bundle, BundleSet } from '../../../identity/spiffe/index.ts';
import {
  type Credential,
  MutableSource,
  type RevocationSource,
  type Source,
  Trust,
  type VerifiedPeer,
} from '../../../runtime/tls/index.ts';
import type { FeedEvent } from '../../revocation-sources/index.ts';
import { type LoadedConfiguration, sameBundle, sameCredential } from '../configuration/load-configuration.ts';
import { CombinedView } from './combined-view.ts';
import { type DomainMeans, keyOfMeans, openDomainMeans } from './domain-means.ts';
import { SwitchedCheck } from './switched-check.ts';

export interface TrustsOptions {
  readonly clock: Clock;
  /** Told of a list or an answer that is refused, will be or is out of date, or never came, of a peer that softness lets in, and of a registry that is away. */
  readonly onWarning?: ((warning: Refusal) => void) | undefined;
  readonly onFeedEvent?: ((trustDomain: string, event: FeedEvent) => void) | undefined;
  /** How long listening, and a new configuration, wait for what is known of revocations, milliseconds; default 9,000. */
  readonly revocationWaitMs?: number;
}

interface KeptTrust {
  readonly trust: Trust;
  /** Empty of a host that asks for no certificate. */
  readonly domains: readonly string[];
  readonly bundles: MutableSource<BundleSet>;
  readonly revocations: MutableSource<ReturnType<RevocationSource['current']>>;
}

/** What is not there by then is waited for by nobody: who comes is refused until it is. As of every workload. */
const defaultWaitMs = 9_000;

export class Trusts {
  readonly #options: TrustsOptions;
  readonly #kept = new Map<string, KeptTrust>();
  readonly #checks = new Map<string, readonly SwitchedCheck[]>();
  readonly #credentials = new Map<string, MutableSource<Credential>>();
  /** Of the configuration in force, by trust domain. */
  #active: ReadonlyMap<string, DomainMeans> = new Map();
  /** By their keys: those of the configuration in force, and of the next. */
  readonly #opened = new Map<string, DomainMeans>();
  /** As the files say; the same objects for as long as nothing of them was changed. */
  #bundles: ReadonlyMap<string, Bundle> = new Map();

  constructor(options: TrustsOptions) {
    this.#options = options;
  }

  get all(): readonly Trust[] {
    return [...this.#kept.values()].map(({ trust }) => trust);
  }

  /** Of the configuration in force. */
  get means(): readonly DomainMeans[] {
    return [...this.#active.values()];
  }

  /** Connections that were closed because their peers no longer passed, of all trusts. */
  get closedTotal(): number {
    return this.all.reduce((total, { closedTotal }) => total + closedTotal, 0);
  }

  /** The same by the code of the refusal that ended them. */
  get closedByCode(): ReadonlyMap<RefusalCode, number> {
    const all = new Map<RefusalCode, number>();
    for (const { closedByCode } of this.all)
      for (const [code, total] of closedByCode) all.set(code, (all.get(code) ?? 0) + total);
    return all;
  }

  /** Opens what the configuration asks that is not asked yet and waits until that is known, for a while: then nobody is refused for its being new. */
  async prepare(configuration: LoadedConfiguration): Promise<void> {
    const { clock, revocationWaitMs = defaultWaitMs } = this.#options;
    const waiting = new AbortController();
    const known = Promise.all([...this.#openAll(configuration).values()].map((means) => means.settled()));
    await Promise.race([known, sleep(clock, revocationWaitMs, waiting.signal).catch(() => undefined)]);
    waiting.abort();
  }

  /** The one for these trust domains. What it holds is that of the configuration in force until `adopt`. */
  of(domains: readonly string[], configuration: LoadedConfiguration): Trust {
    const key = domains.join(' ');
    const known = this.#kept.get(key);
    if (known !== undefined) return known.trust;
    const { clock } = this.#options;
    const bundles = new MutableSource(this.#bundleSet(domains, configuration.bundles));
    const revocations = new MutableSource<KeptTrust['revocations'] extends MutableSource<infer V> ? V : never>(
      this.#viewOf(domains),
    );
    const statusChecks = domains.flatMap((domain) => this.#checksOf(domain));
    const trust = new Trust({
      ...{ bundles, revocations, clock, statusChecks },
      undetermined: (domain) => this.#active.get(domain)?.undetermined ?? 'refuse',
      onLetIn: (why) => this.#tellLetIn(domains, why),
    });
    this.#kept.set(key, { trust, domains, bundles, revocations });
    return trust;
  }

  /** From now on this configuration counts; what it no longer asks is closed. Nothing fails. */
  adopt(configuration: LoadedConfiguration): void {
    this.#active = this.#openAll(configuration);
    this.#bundles = this.#withSame(configuration.bundles);
    this.#tellAll();
    for (const [domain, checks] of this.#checks) {
      const inner = this.#active.get(domain)?.means?.trustOptions.statusChecks ?? [];
      checks.forEach((check, at) => check.use(inner[at]));
    }
    this.#setCredentials(configuration);
    this.keepActive();
  }

  /** Closes what was opened for a configuration that did not come into force. */
  keepActive(): void {
    for (const [key, means] of this.#opened) {
      if (this.#active.get(means.trustDomain) === means) continue;
      this.#opened.delete(key);
      void means.close();
    }
  }

  /** Of those that `of` made, for a configuration that did not come into force the others go again. */
  keepOnly(trusts: readonly Trust[]): void {
    for (const [key, { trust }] of this.#kept) {
      if (trusts.includes(trust)) continue;
      this.#kept.delete(key);
      trust.close();
    }
  }

  /** Closes the connections of whom `refusalOf` refuses. @returns how many */
  dismiss(refusalOf: (peer: VerifiedPeer) => Refusal | undefined): number {
    return this.all.reduce((total, trust) => total + trust.dismiss(refusalOf), 0);
  }

  async settled(): Promise<void> {
    await Promise.all(this.all.map((trust) => trust.settled()));
  }

  /** After the servers: the authorities are told that nothing rests on them here. */
  async close(): Promise<void> {
    const opened = [...this.#opened.values()];
    this.#active = new Map();
    this.#opened.clear();
    await Promise.all(opened.map((means) => means.close()));
    for (const trust of this.all) trust.close();
  }

  #openAll(configuration: LoadedConfiguration): ReadonlyMap<string, DomainMeans> {
    const { clock, onWarning, onFeedEvent } = this.#options;
    return new Map(
      Object.keys(configuration.file.trust).map((domain) => {
        const key = keyOfMeans(domain, configuration);
        const known = this.#opened.get(key);
        if (known !== undefined) return [domain, known];
        const credentialOf = (name: string): Source<Credential> => this.#credentialNamed(name, configuration);
        const means = openDomainMeans(domain, configuration, {
          ...{ clock, onWarning, onFeedEvent, credentialOf, closing: this },
        });
        this.#opened.set(key, means);
        this.#follow(means);
        return [domain, means];
      }),
    );
  }

  /** What a feed says is in force here when it has been told. */
  #follow(means: DomainMeans): void {
    const tell = (): void => {
      if (this.#active.get(means.trustDomain) === means) this.#tellAll(means.trustDomain);
    };
    means.feed?.revocations.watch(tell);
    means.feed?.bundles.watch(tell);
  }

  /** @param of alone, where something is new of one trust domain */
  #tellAll(of?: string): void {
    for (const { domains, bundles, revocations } of this.#kept.values()) {
      if (of !== undefined && !domains.includes(of) && domains.length > 0) continue;
      // Whoever is revoked goes first.
      revocations.set(this.#viewOf(domains));
      const before = bundles.current();
      const after = this.#bundleSet(domains, this.#bundles);
      const isSame = after.home === before.home && sameMembers(after.all(), before.all());
      if (!isSame) bundles.set(after);
    }
  }

  #viewOf(domains: readonly string[]): CombinedView {
    const feeds = domains.flatMap((trustDomain) => {
      const feed = this.#active.get(trustDomain)?.feed;
      if (feed === undefined) return [];
      return [{ trustDomain, view: feed.revocations.current(), continues: feed.settings.afterLease === 'continue' }];
    });
    return new CombinedView(feeds);
  }

  /** TLS takes no context without anchors; a host that asks for no certificate has all of them, and nobody who could show one. */
  #bundleSet(domains: readonly string[], files: ReadonlyMap<string, Bundle>): BundleSet {
    const named = domains.length === 0 ? [...files.keys()] : domains;
    const bundles = named.flatMap((domain) => {
      const feed = this.#active.get(domain)?.feed?.bundles.current();
      return feed?.get(domain) ?? files.get(domain) ?? [];
    });
    // Partners say whose customers they are, so each authority is believed about its own.
    return new BundleSet(named[0] ?? 'nobody.invalid', bundles, { attributed: true });
  }

  #withSame(files: ReadonlyMap<string, Bundle>): ReadonlyMap<string, Bundle> {
    return new Map(
      [...files].map(([domain, bundle]) => {
        const old = this.#bundles.get(domain);
        if (old !== undefined && sameBundle(old, bundle)) return [domain, old];
        return [domain, { ...bundle, sequence: (old?.sequence ?? 0) + 1 }];
      }),
    );
  }

  /** As many as there are means: lists, and responders. */
  #checksOf(domain: string): readonly SwitchedCheck[] {
    const known = this.#checks.get(domain);
    if (known !== undefined) return known;
    const made = [new SwitchedCheck(domain), new SwitchedCheck(domain)];
    this.#checks.set(domain, made);
    const inner = this.#active.get(domain)?.means?.trustOptions.statusChecks ?? [];
    made.forEach((check, at) => check.use(inner[at]));
    return made;
  }

  #credentialNamed(name: string, { credentials }: LoadedConfiguration): MutableSource<Credential> {
    const known = this.#credentials.get(name);
    if (known !== undefined) return known;
    const credential = credentials.get(name);
    if (credential === undefined) throw new TypeError(`the configuration was not checked: no credential ${name}`);
    const made = new MutableSource(credential);
    this.#credentials.set(name, made);
    return made;
  }

  #setCredentials({ credentials }: LoadedConfiguration): void {
    for (const [name, source] of this.#credentials) {
      const credential = credentials.get(name);
      if (credential !== undefined && !sameCredential(credential, source.current())) source.set(credential);
    }
  }

  #tellLetIn(domains: readonly string[], why: Refusal): void {
    const soft = domains
      .flatMap((domain) => this.#active.get(domain) ?? [])
      .find(({ undetermined }) => undetermined === 'letInUnlessKnownRevoked');
    soft?.means?.trustOptions.onLetIn?.(why);
  }
}

function sameMembers<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((member, at) => member === other[at]);
}
