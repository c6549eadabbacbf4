/** The partners of the file and those of the registry, together: the file's stand where both know a name, and whoever is suspended in one of them is. */
import { partnerId } from '../../../identity/partners/index.ts';
import type { FollowedPartner } from '../../../runtime/api/index.ts';
import type { GatewayFile, PartnerSettings } from '../configuration/gateway-file.ts';

/** @param key `undefined` where the configuration has no registry */
export interface HandedPartners {
  readonly key: string | undefined;
  readonly partners: readonly FollowedPartner[];
}

export interface MergedPartners {
  readonly partners: readonly PartnerSettings[];
  /** Names that both know. */
  readonly inBoth: readonly string[];
}

export function mergedPartners(file: GatewayFile, registered: readonly FollowedPartner[]): MergedPartners {
  const { registry, partners: written } = file;
  if (registry === undefined || registered.length === 0) return { partners: written, inBoth: [] };
  const byName = new Map(registered.map((partner) => [partner.name, partner]));
  const inBoth = written.filter(({ name }) => byName.has(name));
  const names = new Set(inBoth.map(({ name }) => name));
  return {
    partners: [
      ...written.map((partner) =>
        byName.get(partner.name)?.state === 'suspended' ? { ...partner, state: 'suspended' as const } : partner,
      ),
      ...registered.filter(({ name }) => !names.has(name)).map((partner) => settingsOf(partner, registry.trust)),
    ],
    inBoth: [...names],
  };
}

function settingsOf({ name, state, routes, limits }: FollowedPartner, trust: string): PartnerSettings {
  return {
    ...{ name, state, trust, registered: true },
    who: [{ spiffeId: partnerId(trust, name) }],
    routes: routes === '*' ? ['*'] : routes,
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    contacts: [],
  };
}
