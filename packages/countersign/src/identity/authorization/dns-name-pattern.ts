/** The policy: the peer's certificate carries a DNS name one label below this parent. */
import { canonicalDnsName } from './dns-names.ts';
import { makePolicy, type PeerPolicy } from './peer-policy.ts';

/**
 * @param pattern `*.` and a DNS name; the star stands for exactly one label.
 * @throws TypeError where it is none
 */
export function dnsNamePattern(pattern: string): PeerPolicy {
  const parent = pattern.startsWith('*.') ? canonicalDnsName(pattern.slice(2)) : undefined;
  if (parent === undefined)
    throw new TypeError(`${JSON.stringify(pattern)} is not a pattern of DNS names, such as *.shop.internal`);
  return makePolicy({ kind: 'dns-name-pattern', parent });
}
