/** The peer of a request, held to a further policy where there is one: what each framework's door asks. */
import { Refusal } from '../../ground/errors/index.ts';
import { decide, describe, isPeerPolicy, type PeerPolicy } from '../../identity/authorization/index.ts';
import { type PeerBearer, peerOf, type VerifiedPeer } from '../../runtime/tls/index.ts';

/** @throws CS-PEER-001 and the other refusals of peers; CS-PEER-007 where the policy of the route does not let it in */
export function admittedPeer(bearer: PeerBearer, policy: PeerPolicy | undefined): VerifiedPeer {
  return allowed(peerOf(bearer), policy);
}

/** @throws CS-PEER-007 */
export function allowed(peer: VerifiedPeer, policy: PeerPolicy | undefined): VerifiedPeer {
  if (policy !== undefined && !decide(policy, peer).allowed)
    throw new Refusal('CS-PEER-007', { peer: peer.name, expected: describe(policy) });
  return peer;
}

/** At the moment at which a route is made, not at its first request. @throws TypeError where it is given and none */
export function requirePolicy(policy: PeerPolicy | undefined): void {
  if (policy !== undefined && !isPeerPolicy(policy))
    throw new TypeError('the policy of a route is what spiffeId(), dnsName(), anyOf() and their like returned');
}
