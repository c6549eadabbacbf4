/** Who is let in under one configuration and refused under another. */
import type { GatewayFile } from '../configuration/gateway-file.ts';
import { Partners } from '../partners.ts';
import type { Asker } from '../routing/decide-request.ts';
import { decideRequest } from '../routing/decide-request.ts';
import { type Route, RouteTable } from '../routing/route-table.ts';

export interface LostAccess {
  /** A partner. */
  readonly who: string;
  readonly route: string;
  readonly method: string;
  readonly path: string;
  /** Of the refusal that he would get. */
  readonly code: string;
}

/** Each route of the old one is asked for at its own path, by each method that it names (GET where it takes all), as each partner whom it allows. SPIFFE IDs and patterns of routes are not looked at: nobody presents a pattern. */
export function accessLost(before: GatewayFile, after: GatewayFile): readonly LostAccess[] {
  const table = new RouteTable(after.routes);
  const partners = { before: new Partners(before.partners), after: new Partners(after.partners) };
  return new RouteTable(before.routes).routes.flatMap((route) =>
    [...callersOf(route, partners)].flatMap(([who, asker]) => {
      const { name, host, path, methods = ['GET'] } = route.settings;
      return methods.flatMap((method): LostAccess[] => {
        const decision = decideRequest(table, { host, method, target: path }, asker);
        return decision.allowed ? [] : [{ who, route: name, method, path, code: decision.refusal.code }];
      });
    }),
  );
}

function callersOf(route: Route, partners: { before: Partners; after: Partners }): Map<string, Asker> {
  const found = new Map<string, Asker>();
  const registered = [...partners.before.all.values()].filter(({ settings }) => settings.registered === true);
  const names = [
    ...(route.partners ?? []),
    ...(route.registered ? registered.map(({ settings }) => settings.name) : []),
  ];
  for (const name of names) {
    const old = partners.before.all.get(name);
    if (old?.settings.state !== 'active' || old.routes?.has(route.settings.name) === false) continue;
    found.set(name, { identity: nobody, name, partner: partners.after.all.get(name) });
  }
  return found;
}

/** No name of its own: only what the partner may counts. */
const nobody = { dnsNames: [], ipAddresses: [], uris: [], spkiPin: '' };
