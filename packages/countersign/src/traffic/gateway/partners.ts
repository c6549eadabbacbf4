/** The partners of one configuration, with what it says of them; which of them a peer is, `identity/partners` decides. */
import {
  type Partner as Described,
  type PartnerCaller,
  type PartnerPeer,
  PartnerSet,
} from '../../identity/partners/index.ts';
import type { PartnerSettings } from './configuration/gateway-file.ts';

export interface Partner {
  readonly settings: PartnerSettings;
  /** `undefined`: all of them. */
  readonly routes: ReadonlySet<string> | undefined;
}

export class Partners {
  readonly all: ReadonlyMap<string, Partner>;
  readonly set: PartnerSet;

  /** @param before those whose place they take */
  constructor(partners: readonly PartnerSettings[], before?: Partners) {
    this.all = new Map(
      partners.map((settings) => [
        settings.name,
        { settings, routes: settings.routes.includes('*') ? undefined : new Set(settings.routes) },
      ]),
    );
    // The file was checked for this; what comes from a registry meanwhile must not end what is in force.
    this.set = new PartnerSet(partners.map(describedPartner), { oneIdentity: 'denied', before: before?.set });
  }

  /** @throws CS-PARTNER-003 where it is more than one */
  of(peer: PartnerPeer): Partner | undefined {
    return this.#named(this.set.partnerOf(peer));
  }

  /** Of one that is only asked about. @throws CS-PARTNER-003 */
  ofCaller(caller: PartnerCaller): Partner | undefined {
    return this.#named(this.set.partnerOfCaller(caller));
  }

  #named(found: Described | undefined): Partner | undefined {
    return found === undefined ? undefined : this.all.get(found.name);
  }
}

export function describedPartner({ name, state, trust, who, routes, limits, contacts }: PartnerSettings): Described {
  return {
    ...{ name, state, contacts, limits: limits ?? {} },
    who: who.map((one) => ({ trustDomain: trust, ...one })),
    routes: routes.includes('*') ? '*' : routes,
  };
}
