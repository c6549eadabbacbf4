/** Callers whom a proxy in front names: taken in from the proxies of a host alone, each of them known by its own certificate on that very connection. */
import type { Clock, Timer } from '../../../ground/clock/index.ts';
import { isRefusal, type Refusal } from '../../../ground/errors/index.ts';
import { allowAnyPeer, decide, type PeerPolicy } from '../../../identity/authorization/index.ts';
import {
  createPeerVerifier,
  lookOrWait,
  type PeerOutcome,
  type PeerVerifier,
  type Trust,
} from '../../../runtime/tls/index.ts';
import type { VerifiedPeer } from '../../../runtime/tls/index.ts';
import {
  type CheckedCaller,
  type ForwardedPeer,
  type IncomingRequest,
  type RestingCaller,
  restingCaller,
  type RestingCallerOptions,
  takeIn,
  type TakenIn,
  type TrustedProxy,
} from '../../forwarded-identity/index.ts';
import type { ProxySettings } from '../configuration/gateway-file.ts';
import type { LoadedConfiguration } from '../configuration/load-configuration.ts';
import { expectedPeerPolicy } from '../expected-peer.ts';

/** Who calls, as the connection says it, or a proxy in front. */
export type CallerOutcome = { readonly peer: CheckedCaller } | { readonly refusal: Refusal } | undefined;

export interface TakenCaller {
  readonly outcome: CallerOutcome;
  /** Through whom. */
  readonly via: VerifiedPeer | undefined;
}

export interface ForwardingParts {
  readonly clock: Clock;
  readonly trustOf: (domains: readonly string[], configuration: LoadedConfiguration) => Trust;
}

/** Each route names whom it allows. */
const anybody: PeerPolicy = allowAnyPeer();

/** What is waited for about revocation, before what is known decides. Own choice: as long as a handshake may wait. */
const mostWaitMs = 5_000;

/** Another trust domain may give the same names. */
interface DomainProxy extends TrustedProxy {
  readonly trustDomain: string;
}

interface HostProxies {
  readonly trusted: readonly DomainProxy[];
  readonly trust: Trust;
}

export class Forwarding {
  readonly #clock: Clock;
  readonly #hosts = new Map<string, HostProxies>();

  constructor(configuration: LoadedConfiguration, { clock, trustOf }: ForwardingParts) {
    this.#clock = clock;
    for (const [name, { proxies = [], trust: domains }] of Object.entries(configuration.file.hosts)) {
      if (proxies.length === 0) continue;
      const trusted = proxies.map((proxy) => trustedProxy(proxy, configuration));
      this.#hosts.set(name, { trusted, trust: trustOf(domains, configuration) });
    }
  }

  /** Whether somebody's word is taken there. */
  takesAt(host: string): boolean {
    return this.#hosts.has(host);
  }

  /** `undefined` where the peer of the connection speaks for itself. @param host as the configuration names it */
  take(host: string, connection: PeerOutcome | undefined, request: IncomingRequest): TakenCaller | undefined {
    const proxies = this.#hosts.get(host);
    if (proxies === undefined || connection === undefined || 'refusal' in connection) return undefined;
    const { peer } = connection;
    try {
      const taken = this.#takeIn(peer, proxies, request, false);
      switch (taken.kind) {
        case 'direct':
          return undefined;
        case 'nobody':
          return { outcome: undefined, via: peer };
        case 'forwarded':
          return { outcome: { peer: taken.peer }, via: peer };
      }
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return { outcome: { refusal: error }, via: peer };
    }
  }

  /** Not a promise where nothing has to be fetched about the caller's revocation. */
  wait(host: string, connection: PeerOutcome | undefined, request: IncomingRequest): Promise<unknown> | undefined {
    const proxies = this.#hosts.get(host);
    if (proxies?.trust.statuses === undefined || connection === undefined || 'refusal' in connection) return undefined;
    const { peer } = connection;
    const patience = new AbortController();
    let timer: Timer | undefined;
    const end = (): void => timer?.cancel();
    try {
      const looked = lookOrWait({
        trust: proxies.trust,
        look: (mayWait) => this.#look(peer, proxies, request, mayWait),
        patience: () => {
          timer = this.#clock.after(mostWaitMs, () => patience.abort(), { unref: true });
          return patience.signal;
        },
      });
      return looked instanceof Promise ? looked.then(end, end) : undefined;
    } catch (error) {
      end();
      // It is told where it is decided.
      if (isRefusal(error)) return undefined;
      throw error;
    }
  }

  /** Whether what was taken in would be still. */
  believes(host: string, { proxy }: ForwardedPeer): boolean {
    const trusted = trustedIn(this.#hosts.get(host)?.trusted ?? [], proxy);
    return trusted.some(({ who }) => decide(who, proxy).allowed);
  }

  /** What of this caller goes on rests on it; `undefined` where nobody's word is taken any more. */
  resting(
    host: string,
    peer: ForwardedPeer,
    ends: Pick<RestingCallerOptions, 'carried' | 'close'>,
  ): RestingCaller | undefined {
    const trust = this.#hosts.get(host)?.trust;
    return trust && restingCaller(peer, { trust, verifier: this.#verifier(trust), ...ends });
  }

  /** @throws what is wrong with the caller's certificate itself */
  #look(peer: VerifiedPeer, proxies: HostProxies, request: IncomingRequest, mayWait: boolean): void {
    try {
      this.#takeIn(peer, proxies, request, mayWait);
    } catch (error) {
      throw isRefusal(error) && isRefusal(error.cause) ? error.cause : error;
    }
  }

  #takeIn(peer: VerifiedPeer, { trusted, trust }: HostProxies, request: IncomingRequest, mayWait: boolean): TakenIn {
    const clock = this.#clock;
    const verifier = this.#verifier(trust);
    const verify = ([leaf, ...others]: readonly Uint8Array[]): VerifiedPeer =>
      verifier.verifyPresented(leaf ?? new Uint8Array(), () => others, { mayWait });
    return takeIn(peer, request, { trustedProxies: trustedIn(trusted, peer), verifier: { verify }, clock });
  }

  /** The same for as long as the trust is: what a caller has under way outlives a configuration. */
  #verifier(trust: Trust): PeerVerifier {
    return createPeerVerifier({ peer: 'client', policy: anybody, trust, clock: this.#clock });
  }
}

function trustedIn(trusted: readonly DomainProxy[], peer: VerifiedPeer): readonly DomainProxy[] {
  return trusted.filter(({ trustDomain }) => trustDomain === peer.trustDomain);
}

function trustedProxy({ who, trust, takes, signed }: ProxySettings, configuration: LoadedConfiguration): DomainProxy {
  const policy = expectedPeerPolicy(who);
  if (signed === undefined) return { who: policy, trustDomain: trust, form: takes };
  const { issuer, audience, jwks: file } = signed;
  const text = configuration.proxyKeys?.get(file)?.text;
  if (text === undefined) throw new TypeError('the configuration was not checked');
  const jwks = JSON.parse(text) as { readonly keys: readonly unknown[] };
  return { who: policy, trustDomain: trust, form: takes, signed: { issuer, audience, jwks: () => jwks } };
}
