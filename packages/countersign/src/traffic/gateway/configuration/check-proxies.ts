/** What the schema can not see of proxies in front: who they are, by whose word, and that a route which lets in whom they name is of a host that has some. */
import { parseSpiffeId } from '../../../identity/spiffe/index.ts';
import type { Place } from '../../../runtime/config/index.ts';
import { expectedPeerPolicy } from '../expected-peer.ts';
import type { GatewayFile, HostSettings, ProxySettings } from './gateway-file.ts';
import type { ProblemList } from './problems.ts';

export function checkProxies({ hosts, routes }: GatewayFile, problems: ProblemList): void {
  for (const [name, host] of Object.entries(hosts))
    (host.proxies ?? []).forEach((proxy, at) => checkProxy(proxy, ['hosts', name, 'proxies', at], host, problems));
  routes.forEach(({ forwarded, host: name }, at) => {
    const host = Object.hasOwn(hosts, name) ? hosts[name] : undefined;
    if (forwarded !== undefined && host !== undefined && (host.proxies ?? []).length === 0)
      problems.wrongValue(['routes', at, 'forwarded'], `nobody is taken in at ${name}: it has no proxies`);
  });
}

function checkProxy(
  { who, trust, takes, signed }: ProxySettings,
  place: Place,
  { certificate, trust: domains }: HostSettings,
  problems: ProblemList,
): void {
  if (certificate === 'none') problems.wrongValue(place, 'nobody is asked for a certificate here, proxies neither');
  if (!domains.includes(trust)) problems.unknownName([...place, 'trust'], 'trust domain', trust, domains);
  tried([...place, 'who'], problems, () => expectedPeerPolicy(who));
  if ((takes === 'signed') !== (signed !== undefined))
    problems.wrongValue(place, 'takes: signed and signed: { issuer, audience, jwks } belong together');
  if (signed === undefined) return;
  tried([...place, 'signed', 'issuer'], problems, () => parseSpiffeId(signed.issuer));
}

function tried(place: Place, problems: ProblemList, make: () => unknown): void {
  try {
    make();
  } catch (error) {
    problems.wrongValue(place, error instanceof Error ? error.message : String(error));
  }
}
