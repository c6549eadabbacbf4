/** All that decides on requests, made of one configuration: exchanged as a whole, so that no request sees half of two. */
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import type { VerifiedPeer } from '../../../runtime/tls/index.ts';
import { type CheckedCaller, isForwardedPeer } from '../../forwarded-identity/index.ts';
import type { LoadedConfiguration } from '../configuration/load-configuration.ts';
import type { Halt } from '../evidence/halt.ts';
import { Partners } from '../partners.ts';
import type { Asker } from '../routing/decide-request.ts';
import { namedHost } from '../routing/named-host.ts';
import { routeTableOf } from '../routing/kept-tables.ts';
import type { Route, RouteTable } from '../routing/route-table.ts';
import type { UpstreamPools, Upstreams } from '../upstreams.ts';
import type { Demand } from './demands.ts';
import { type CallerOutcome, Forwarding, type ForwardingParts } from './forwarding.ts';

/** What outlives a configuration where nothing about it was changed. */
export interface Standing {
  readonly pools: UpstreamPools;
  /** In the order in which they are asked. */
  demandsOf(route: Route, configuration: LoadedConfiguration): readonly Demand[];
  /** A partner, with one of its certificates. */
  readonly met?: (partner: string, peer: CheckedCaller) => void;
  readonly forwarding: ForwardingParts;
  readonly halt: Halt;
}

export class Generation {
  readonly number: number;
  readonly configuration: LoadedConfiguration;
  readonly table: RouteTable;
  readonly partners: Partners;
  readonly upstreams: Upstreams;
  readonly forwarding: Forwarding;
  /** Of all generations. */
  readonly halt: Halt;
  readonly #met: Standing['met'];
  readonly #demands: ReadonlyMap<Route, readonly Demand[]>;
  /** Peers are the same object for as long as their path stands: which partner one is, is looked up once. */
  readonly #askers = new WeakMap<CheckedCaller, Asker>();
  #lastHost: { readonly name: string; readonly named: string | undefined } = { name: '', named: undefined };

  /** @param before whose place it takes */
  constructor(number: number, configuration: LoadedConfiguration, standing: Standing, before?: Generation) {
    this.number = number;
    this.configuration = configuration;
    this.table = routeTableOf(configuration.file.routes);
    this.partners = new Partners(configuration.file.partners, before?.partners);
    this.#met = standing.met;
    this.forwarding = new Forwarding(configuration, standing.forwarding);
    this.upstreams = standing.pools.of(configuration);
    this.halt = standing.halt;
    const { routes } = this.table;
    this.#demands = new Map(routes.map((route) => [route, standing.demandsOf(route, configuration)]));
  }

  /** @param route one of `table` */
  demandsOf(route: Route): readonly Demand[] {
    const demands = this.#demands.get(route);
    if (demands === undefined) throw new TypeError('a route of another configuration');
    return demands;
  }

  /** @param host which it was taken in at */
  askerOf(outcome: CallerOutcome, host: string): Asker {
    if (outcome === undefined || 'refusal' in outcome) return outcome;
    const { peer } = outcome;
    if (isForwardedPeer(peer) && !this.forwarding.believes(host, peer))
      return { refusal: new Refusal('CS-GATEWAY-082', { proxy: peer.proxy.name, host }) };
    return this.#askerFor(peer);
  }

  #askerFor(peer: CheckedCaller): Asker {
    const known = this.#askers.get(peer);
    if (known !== undefined) return known;
    const asker = this.#askerOf(peer);
    this.#askers.set(peer, asker);
    return asker;
  }

  /** Who is two partners is nobody: whose routes and limits would hold? */
  #askerOf(peer: CheckedCaller): Asker {
    try {
      const partner = this.partners.of(peer);
      if (partner !== undefined) this.#met?.(partner.settings.name, peer);
      return { identity: peer, name: peer.name, partner, forwarded: isForwardedPeer(peer) };
    } catch (refusal) {
      if (isRefusal(refusal)) return { refusal };
      throw refusal;
    }
  }

  /** The name of the partner that it is. */
  partnerOf(peer: VerifiedPeer): string | undefined {
    const asker = this.#askerFor(peer);
    return asker !== undefined && 'partner' in asker ? asker.partner?.settings.name : undefined;
  }

  /** As the configuration names it. @param name canonical */
  hostNamed(name: string): string | undefined {
    if (name !== this.#lastHost.name) this.#lastHost = { name, named: namedHost(this.configuration.file.hosts, name) };
    return this.#lastHost.named;
  }

  /** Otherwise all may stay. */
  get suspendsSome(): boolean {
    return this.configuration.file.partners.some(({ state }) => state === 'suspended');
  }

  /** Why this peer may stay no longer, whatever it asks for. */
  dismissalOf(peer: VerifiedPeer): Refusal | undefined {
    const asker = this.#askerFor(peer);
    if (asker === undefined || 'refusal' in asker) return undefined;
    const partner = asker.partner?.settings;
    if (partner?.state !== 'suspended') return undefined;
    return new Refusal('CS-GATEWAY-016', { partner: partner.name, route: 'all' });
  }
}
