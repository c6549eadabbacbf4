/** A policy, or a source of policies: what every endpoint takes first. */
import { isPeerPolicy, type PeerPolicy } from '../../../identity/authorization/index.ts';
import { fixedSource, type Source } from '../trust/source.ts';

/** Where it is a source, its changes are changes of trust: connections that the new policy does not let in are closed. */
export type PolicyOrSource = PeerPolicy | Source<PeerPolicy>;

/** @throws TypeError where it is missing, or a look-alike, or a source of one */
export function policySourceOf(policy: PolicyOrSource): Source<PeerPolicy> {
  if (isPeerPolicy(policy)) return fixedSource(policy);
  if (isSource(policy) && isPeerPolicy(policy.current())) return policy;
  throw new TypeError(
    'a peer policy is required, or a source of one: spiffeId(), dnsName(), anyOf() and their like, or allowAnyPeer()',
  );
}

function isSource(value: unknown): value is Source<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'current' in value &&
    typeof value.current === 'function' &&
    'watch' in value &&
    typeof value.watch === 'function'
  );
}
