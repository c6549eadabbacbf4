/** The gateway: one port, a server for each host, and a configuration that is exchanged whole while all of it runs. */
import { dirname, resolve } from 'node:path';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import type { Metrics } from '../../runtime/telemetry/index.ts';
import { defaultCrowd, type Listening, type Trust } from '../../runtime/tls/index.ts';
import type { LoadedConfiguration } from './configuration/load-configuration.ts';
import { GatewayEvidence } from './evidence/gateway-evidence.ts';
import type { EvidenceStatus } from './evidence/evidence-writer.ts';
import type { GatewayOptions } from './gateway-options.ts';
import type { HandedRegistry } from './registry/handed-registry.ts';
import { type Closed, Registry, type RegistryStatus } from './registry/registry.ts';
import { NameListener } from './handshake/name-listener.ts';
import { SentIdentity } from './identity/sent-identity.ts';
import { GatewayLimits } from './limits.ts';
import { changesThatWait } from './operating/changes-that-wait.ts';
import { observeOperation } from './operating/observe-operation.ts';
import { prepareRouteTable } from './routing/kept-tables.ts';
import { ConnectionCounts } from './serving/connection-counts.ts';
import { AccessCounts, type AccessRecord } from './serving/access.ts';
import { CheckListener } from './serving/check-listener.ts';
import { Generation, type Standing } from './serving/generation.ts';
import type { HostServer } from './serving/host-server.ts';
import { Hosts, type MadeHosts } from './serving/hosts.ts';
import { PartnerExpiries } from './serving/partner-expiries.ts';
import { heard, heardListeners, nobody } from './serving/own-failure.ts';
import { RequestService } from './serving/request-service.ts';
import { UnderWay } from './serving/under-way.ts';
import { withoutSpentTokens } from './tokens/spent-tokens.ts';
import { TokenIssuers } from './tokens/token-issuers.ts';
import { observeTrusts, reportOfTrust, type TrustReport } from './trusts/trust-report.ts';
import { Trusts } from './trusts/trusts.ts';
import { UpstreamTlsKeeper } from './upstream-tls.ts';
import { UpstreamPools } from './upstreams.ts';

/** What a new configuration did. */
export interface Applied {
  readonly generation: number;
  /** Requests under way that it no longer allows. */
  readonly endedRequests: number;
  /** Connections of partners who are suspended now, idle ones too. */
  readonly closedConnections: number;
  /** What of it waits for a restart. */
  readonly waiting: readonly Refusal[];
}

/** What comes into force, or not. */
interface Tried {
  readonly made: MadeHosts;
  readonly tried: Generation;
  /** What was in force then. */
  readonly since: Generation;
  /** Closes what was made for it. */
  readonly withdraw: () => void;
}

export interface Staged {
  commit(): Applied;
  abandon(): void;
}

/** For requests that are under way when a host is taken out, or the gateway ends. */
const graceMs = 5_000;

export class Gateway {
  readonly counts: AccessCounts = new AccessCounts();
  readonly #ended = new ConnectionCounts();
  readonly limits: GatewayLimits;
  readonly trusts: Trusts;
  readonly evidence: GatewayEvidence;
  readonly #options: GatewayOptions;
  readonly #pools: UpstreamPools;
  readonly #tokens: TokenIssuers;
  readonly #standing: Standing;
  readonly #service: RequestService;
  readonly #identity: SentIdentity;
  readonly #underWay = new UnderWay();
  readonly #listener: NameListener;
  readonly #registry: Registry | HandedRegistry;
  readonly #hosts: Hosts;
  readonly #check: CheckListener;
  readonly #expiries: PartnerExpiries;
  #written: LoadedConfiguration;
  #generation: Generation;
  #listening: Listening | undefined;
  #draining = false;

  /** @throws CS-TLS-007 where TLS does not take a credential */
  constructor(configuration: LoadedConfiguration, given: GatewayOptions) {
    const options = heardListeners(given);
    const { clock, onAccess, onWarning: onTrouble = () => undefined } = options;
    this.#options = options;
    this.#identity = new SentIdentity(clock, (refusal) => options.onRefusal(refusal, nobody));
    this.#identity.apply(configuration);
    this.trusts = new Trusts(options);
    const trustOf = (domain: string, from: LoadedConfiguration): Trust => this.trusts.of([domain], from);
    const onHealth = heard('onHealth', options.onRefusal, options.onHealth ?? ((): void => undefined));
    this.#pools = new UpstreamPools(clock, new UpstreamTlsKeeper(trustOf), onTrouble, (to) => onHealth(to, undefined));
    this.#expiries = new PartnerExpiries(clock, onTrouble);
    this.#tokens = new TokenIssuers({ clock, trustOf, onRefusal: options.onRefusal });
    this.limits = new GatewayLimits(clock);
    const { evidenceEveryMs: everyMs, worker, onRefusal } = options;
    const elsewhere = worker !== undefined;
    this.evidence = new GatewayEvidence({ clock, everyMs, elsewhere, onTrouble: (why) => onRefusal(why, nobody) });
    // A limit costs nothing, and so comes before whatever has to be fetched.
    this.#standing = {
      pools: this.#pools,
      demandsOf: (route, from) => [...this.limits.demandsOf(route, from.file), ...this.#tokens.demandsOf(route, from)],
      met: (partner, peer) => this.#expiries.met(partner, peer),
      halt: this.evidence.halt,
      forwarding: { clock, trustOf: (domains, from) => this.trusts.of(domains, from) },
    };
    const onPartners = (): Closed => this.#takeRegistered();
    this.#registry = options.worker?.registry ?? new Registry({ clock, onTrouble, onPartners });
    if (options.worker !== undefined) options.worker.registry.onPartners = onPartners;
    this.#written = configuration;
    this.#registry.take(configuration);
    this.#generation = new Generation(1, this.#registry.whole(configuration), this.#standing);
    const inEvidence = heard('evidence', onRefusal, (record: AccessRecord) => this.evidence.add(record));
    this.#service = new RequestService({
      clock,
      headersFor: withoutSpentTokens(options.headersFor ?? this.#identity.headers),
      underWay: this.#underWay,
      current: () => this.#generation,
      onRefusal: options.onRefusal,
      onAccess: (record) => {
        this.counts.add(record);
        inEvidence(record, undefined);
        onAccess(record);
      },
    });
    this.#hosts = new Hosts({
      ...{ clock, service: this.#service, trusts: this.trusts },
      onRefusal: this.#ended.counting('refused', (refusal, remote) => {
        options.onRefusal(refusal, remote);
        this.evidence.refused(refusal);
      }),
      onClosed: this.#ended.counting('closed', (refusal, remote, peer) => {
        options.onClosed(refusal, remote);
        this.evidence.closed(refusal, peer, peer && this.#generation.partnerOf(peer));
      }),
    });
    this.#hosts.take(this.#hosts.made(configuration), configuration);
    this.#check = new CheckListener({
      clock,
      trustOf: (domains, asked) => this.trusts.of(domains, asked),
      partners: () => this.#generation.partners.set,
      onChecked: options.onChecked ?? ((): void => undefined),
    });
    this.#check.take(configuration);
    this.trusts.adopt(configuration);
    this.#listener = new NameListener({
      clock,
      mostConnections: defaultCrowd().most,
      serverFor: (serverName) => this.#serverFor(serverName),
      onRefusal: this.#ended.counting('refused', options.onRefusal),
    });
  }

  get configuration(): LoadedConfiguration {
    return this.#generation.configuration;
  }

  /** Grows by one with each configuration. */
  get generation(): number {
    return this.#generation.number;
  }

  get connections(): number {
    return this.#listener.connections;
  }

  /** Of its upstreams, as this process knows them. */
  get targets(): ReturnType<UpstreamPools['figures']> {
    return this.#pools.figures();
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  /** With which upstreams verify signed identities: a set of JWKs. */
  identityKeys(): { readonly keys: readonly object[] } {
    return this.#identity.identityKeys();
  }

  /** Those of now, where another process exchanges them. */
  handKeys(text: string): void {
    this.#identity.handKeys(text);
  }

  /** By which means a revocation reaches it, for each trust domain. */
  get trustReports(): readonly TrustReport[] {
    return this.trusts.means.map((means) => reportOfTrust(means, this.#options.clock.now()));
  }

  /** `undefined` where none is followed. */
  get registryStatus(): RegistryStatus | undefined {
    return this.#registry.status;
  }

  /** `undefined` where decisions are not written down here. */
  get evidenceStatus(): EvidenceStatus | undefined {
    return this.evidence.status;
  }

  /** Where the check listener is. */
  get checking(): Listening | undefined {
    return this.#check.listening;
  }

  get ready(): boolean {
    return this.#listening !== undefined && !this.#draining && this.evidence.halt.denial === undefined;
  }

  /** Where the configuration says. @throws CS-GATEWAY-027; CS-GATEWAY-058 and CS-FILE-... of its state */
  async listen(): Promise<Listening> {
    const { file, path } = this.configuration;
    const { host, port } = file.listen;
    const { onLimitsNotKept = () => undefined, worker } = this.#options;
    if (file.state !== undefined && worker === undefined)
      await this.limits.keepIn(resolve(dirname(path), file.state.folder), onLimitsNotKept);
    await this.prepare(this.configuration);
    this.evidence.take(this.configuration);
    await this.evidence.begun();
    try {
      this.#listening = await this.#listener.listen({
        host,
        port: worker?.port ?? port,
        reusePort: worker !== undefined,
      });
      await this.#check.listen(worker === undefined ? file.check : worker.check);
      this.#registry.begin();
      return this.#listening;
    } catch (error) {
      if (isRefusal(error)) throw error;
      const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      throw new Refusal('CS-GATEWAY-027', { where: `${host}:${port}`, reason }, { cause: error });
    }
  }

  /** Opens what it asks about revocation, so that `apply` refuses nobody for its being new, and where decisions are written down. */
  async prepare(configuration: LoadedConfiguration): Promise<void> {
    await prepareRouteTable(configuration.file.routes);
    await this.evidence.prepare(configuration);
    await this.trusts.prepare(configuration);
  }

  /** All of it, or nothing. @throws CS-TLS-007 where TLS does not take a credential; what was in force stays */
  apply(configuration: LoadedConfiguration): Applied {
    return this.stage(configuration).commit();
  }

  /** All that may fail; until one of the two is called nothing else is staged. @throws as `apply` */
  stage(configuration: LoadedConfiguration): Staged {
    const tried = this.#tried(configuration);
    return { commit: () => this.#take(configuration, tried), abandon: tried.withdraw };
  }

  /** Nothing of it fails. */
  #take(configuration: LoadedConfiguration, { made, tried, since }: Tried): Applied {
    const waiting = changesThatWait(this.configuration, configuration);
    this.#written = configuration;
    this.#registry.take(configuration);
    // The registry may have told of others meanwhile.
    const generation = this.#generation === since ? tried : this.#next(configuration);
    this.#generation = generation;
    this.#hosts.take(made, configuration);
    this.#check.take(configuration);
    this.#pools.keepOnly(configuration);
    this.trusts.adopt(configuration);
    this.#tokens.keepOnly(configuration);
    this.evidence.take(configuration);
    this.#identity.apply(configuration);
    return { generation: generation.number, ...this.#endWhatFell(generation), waiting };
  }

  /** Of the registry, which said that they are others. */
  #takeRegistered(): Closed {
    this.#generation = this.#next(this.#written);
    const { endedRequests: requests, closedConnections: connections } = this.#endWhatFell(this.#generation);
    return { connections, requests };
  }

  #next(written: LoadedConfiguration): Generation {
    return new Generation(this.#generation.number + 1, this.#registry.whole(written), this.#standing, this.#generation);
  }

  #endWhatFell(generation: Generation): Pick<Applied, 'endedRequests' | 'closedConnections'> {
    this.#expiries.keepOnly(generation.partners.all);
    const endedRequests = this.#underWay.decideAgain(generation);
    const closedConnections = generation.suspendsSome ? this.trusts.dismiss((peer) => generation.dismissalOf(peer)) : 0;
    return { endedRequests, closedConnections };
  }

  observe(metrics: Metrics): void {
    observeTrusts(metrics, this.trusts, () => this.#options.clock.now());
    this.#registry.observe(metrics);
    this.#expiries.observe(metrics);
    this.counts.observe(metrics, () => this.#generation.table.routes.map(({ settings }) => settings.name));
    this.#ended.observe(metrics);
    observeOperation(metrics, { gateway: this, pools: this.#pools });
  }

  /** Takes nothing new, lets requests finish, then closes what is left. */
  async close(options: { graceMs?: number } = { graceMs }): Promise<void> {
    this.#draining = true;
    this.#listener.close();
    void this.#check.close();
    this.#expiries.close();
    await this.#hosts.close(options);
    // Last: whoever asks meanwhile counts on it.
    await Promise.all([this.#registry.close(), this.trusts.close()]);
    this.#pools.close();
    this.#tokens.close();
    await this.limits.close();
    await this.evidence.close();
    await this.#identity.settled();
  }

  #serverFor(serverName: string | undefined): HostServer | undefined {
    const name = serverName ?? this.configuration.file.listen.withoutName;
    const host = name === undefined ? undefined : this.#generation.hostNamed(name);
    return host === undefined ? undefined : this.#hosts.named(host);
  }

  /** What was made for it and is not in use goes again where something fails. */
  #tried(configuration: LoadedConfiguration): Tried {
    const created: HostServer[] = [];
    const trusts = this.trusts.all;
    const withdraw = (): void => {
      for (const server of created) void server.close({ graceMs: 0 });
      this.#pools.keepOnly(this.configuration);
      this.#tokens.keepOnly(this.configuration);
      this.trusts.keepOnly(trusts);
    };
    try {
      const made = this.#hosts.made(configuration, created);
      return { made, tried: this.#next(configuration), since: this.#generation, withdraw };
    } catch (error) {
      withdraw();
      throw error;
    }
  }
}
