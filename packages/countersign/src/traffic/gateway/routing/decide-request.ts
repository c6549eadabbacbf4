/** Whether a request is let through, and to which route: one function for the requests that come and for those that are only asked about. */
import { decide, type PeerIdentity } from '../../../identity/authorization/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import type { Partner } from '../partners.ts';
import { plainTarget } from './request-target.ts';
import type { Route, RouteTable } from './route-table.ts';

export interface RequestInQuestion {
  /** As the configuration names it. */
  readonly host: string;
  readonly method: string;
  /** As it came. */
  readonly target: string;
}

/** `undefined` without a certificate; a refusal where the one that was presented does not count. */
export type Asker =
  | {
      readonly identity: PeerIdentity;
      readonly name: string;
      readonly partner: Partner | undefined;
      /** Whose certificate a proxy in front has shown. */
      readonly forwarded?: boolean;
    }
  | { readonly refusal: Refusal }
  | undefined;

export type RequestDecision =
  | {
      readonly allowed: true;
      readonly route: Route;
      /** What goes on: exactly what was decided on. */
      readonly target: string;
      /** Where the route only observes: why it would have been denied. */
      readonly observed: Refusal | undefined;
    }
  | { readonly allowed: false; readonly route: Route | undefined; readonly refusal: Refusal };

export function decideRequest(table: RouteTable, request: RequestInQuestion, asker: Asker): RequestDecision {
  const { host, method, target: raw } = request;
  const plain = plainTarget(method, raw);
  if ('reason' in plain) return denied(new Refusal('CS-GATEWAY-010', { reason: plain.reason }));
  const found = table.find(host, plain.path, method);
  if (found === undefined) return denied(new Refusal('CS-GATEWAY-012', { host }));
  if ('allowed' in found) {
    const { allowed, at } = found;
    return denied(new Refusal('CS-GATEWAY-013', { route: at.settings.name, method, allowed }), at);
  }
  const { route } = found;
  // Nothing that only observes makes a proxy's word more than it is.
  if (asker !== undefined && 'forwarded' in asker && asker.forwarded && route.settings.forwarded !== 'allowed')
    return denied(new Refusal('CS-GATEWAY-081', { peer: asker.name, route: route.settings.name }), route);
  const refusal = refusalFor(route, asker);
  if (refusal === undefined) return { allowed: true, route, target: plain.target, observed: undefined };
  // Who has shown no good certificate is nobody, and that is never let through.
  const isSomebody = asker !== undefined && 'identity' in asker;
  if (route.settings.observe && isSomebody) return { allowed: true, route, target: plain.target, observed: refusal };
  return denied(refusal, route);
}

function denied(refusal: Refusal, route?: Route): RequestDecision {
  return { allowed: false, route, refusal };
}

function refusalFor(
  { settings: { name: route }, partners, patterns, registered }: Route,
  asker: Asker,
): Refusal | undefined {
  if (partners === undefined) return undefined;
  if (asker === undefined) return new Refusal('CS-GATEWAY-014', { route });
  if ('refusal' in asker) return asker.refusal;
  const { partner, identity, name } = asker;
  if (partner?.settings.state === 'suspended')
    return new Refusal('CS-GATEWAY-016', { partner: partner.settings.name, route });
  if (partner !== undefined && partner.routes?.has(route) !== false) {
    if (partners.has(partner.settings.name)) return undefined;
    if (registered && partner.settings.registered === true) return undefined;
  }
  if (patterns.some((pattern) => decide(pattern, identity).allowed)) return undefined;
  return new Refusal('CS-GATEWAY-015', { peer: name, partner: partner?.settings.name ?? 'none', route });
}
