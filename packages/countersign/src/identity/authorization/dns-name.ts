/** The policy: the peer's certificate carries exactly this DNS name. */
import { canonicalDnsName } from './dns-names.ts';
import { makePolicy, type PeerPolicy } from './peer-policy.ts';

/** @throws TypeError where `name` is no DNS name; wildcards are written with `dnsNamePattern` */
export function dnsName(name: string): PeerPolicy {
  const canonical = canonicalDnsName(name);
  if (canonical === undefined)
    throw new TypeError(`${JSON.stringify(name)} is not a DNS name (letters, digits and hyphens, no trailing dot)`);
  return makePolicy({ kind: 'dns-name', name: canonical });
}
