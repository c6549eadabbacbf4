/** From the names that a person types to a policy: `web`, `billing.internal`, `spiffe://dev.internal/ns/*\/web`. */
import {
  anyOf,
  canonicalDnsName,
  dnsName,
  type PeerPolicy,
  spiffeId,
  spiffeIdPattern,
} from '../../identity/authorization/index.ts';

/**
 * @param names at least one
 * @param trustDomain where a plain name lives
 * @throws CS-SPIFFE-001 where one can be no identity
 */
export function policyOfNames(names: readonly string[], trustDomain: string): PeerPolicy {
  return anyOf(...names.map((name) => policyOfName(name, trustDomain)));
}

function policyOfName(name: string, trustDomain: string): PeerPolicy {
  if (name.startsWith('spiffe://')) return name.includes('*') ? spiffeIdPattern(name) : spiffeId(name);
  const id = spiffeId(`spiffe://${trustDomain}/${name}`);
  return canonicalDnsName(name) === undefined ? id : anyOf(id, dnsName(name));
}
