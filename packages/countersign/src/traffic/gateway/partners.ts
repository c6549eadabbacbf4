/** Which partner a verified peer is, as the configuration lists them. */
import {
  allOf,
  anyOf,
  decide,
  dnsName,
  type PeerPolicy,
  spkiPin,
  subject,
  uri,
  type PeerIdentity,
} from '../../identity/authorization/index.ts';
import { callerPattern } from './routing/caller-pattern.ts';
import type { PartnerSettings, WhoSettings } from './configuration/gateway-file.ts';

export interface Partner {
  readonly settings: PartnerSettings;
  readonly policy: PeerPolicy;
  /** `undefined`: all of them. */
  readonly routes: ReadonlySet<string> | undefined;
}

/** Of a certificate that was verified, its names and the trust domain that vouches for them. */
export interface Caller extends PeerIdentity {
  readonly trustDomain: string;
}

/** @throws TypeError where it says nothing, or what no policy can be */
export function policyOfWho(who: WhoSettings): PeerPolicy {
  const { spiffeId: id, dnsName: dns, uri: address, subject: name, spkiPin: pin } = who;
  const all = [
    ...(id === undefined ? [] : [callerPattern(id)]),
    ...(dns === undefined ? [] : [dnsName(dns)]),
    ...(address === undefined ? [] : [uri(address)]),
    ...(name === undefined ? [] : [subject(name)]),
    ...(pin === undefined ? [] : [spkiPin(pin)]),
  ];
  if (all.length === 0) throw new TypeError('an entry that names nothing would fit everybody');
  return allOf(...all);
}

export class Partners {
  readonly all: ReadonlyMap<string, Partner>;
  /** Of those that are one exact SPIFFE ID or another: found without looking at each partner. */
  readonly #byId = new Map<string, Partner[]>();
  readonly #others: readonly Partner[];

  constructor(partners: readonly PartnerSettings[]) {
    const made = partners.map((settings) => ({
      settings,
      policy: anyOf(...settings.who.map(policyOfWho)),
      routes: settings.routes.includes('*') ? undefined : new Set(settings.routes),
    }));
    this.all = new Map(made.map((partner) => [partner.settings.name, partner]));
    const exact = (partner: Partner): readonly string[] | undefined => exactIds(partner.settings);
    this.#others = made.filter((partner) => exact(partner) === undefined);
    for (const partner of made)
      for (const id of exact(partner) ?? []) this.#byId.set(id, [...(this.#byId.get(id) ?? []), partner]);
  }

  /** Where several partners claim a peer, the first that is listed: which is decided before what it may do. */
  of(caller: Caller): Partner | undefined {
    const byId = caller.spiffeId === undefined ? [] : (this.#byId.get(caller.spiffeId) ?? []);
    const fits = ({ settings, policy }: Partner): boolean =>
      settings.trust === caller.trustDomain && decide(policy, caller).allowed;
    return byId.find(fits) ?? this.#others.find(fits);
  }
}

function exactIds({ who }: PartnerSettings): readonly string[] | undefined {
  const ids = who.map(({ spiffeId }) => spiffeId);
  return ids.every((id) => id !== undefined && !id.includes('*')) ? (ids as readonly string[]) : undefined;
}
