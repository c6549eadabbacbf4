/** The policy: one of several. */
import { makePolicy, ruleOf, type PeerPolicy } from './peer-policy.ts';

/** @throws TypeError where none is given: "none of nothing" is a mistake, not a policy */
export function anyOf(...policies: readonly PeerPolicy[]): PeerPolicy {
  if (policies.length === 0) throw new TypeError('anyOf() takes at least one policy');
  return makePolicy({ kind: 'any-of', rules: policies.map(ruleOf) });
}
