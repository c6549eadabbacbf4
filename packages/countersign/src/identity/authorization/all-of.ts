/** The policy: each of several. */
import { makePolicy, ruleOf, type PeerPolicy } from './peer-policy.ts';

/** @throws TypeError where none is given: "all of nothing" would be everybody, and that is spelled `allowAnyPeer()` */
export function allOf(...policies: readonly PeerPolicy[]): PeerPolicy {
  if (policies.length === 0) throw new TypeError('allOf() takes at least one policy');
  return makePolicy({ kind: 'all-of', rules: policies.map(ruleOf) });
}
