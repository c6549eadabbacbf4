/** Gateways follow the partners, those alone that the settings name: who the others are is no partner's business. */
import { Refusal } from '../../../ground/errors/index.ts';
import { anyOf, decide, type PeerPolicy, spiffeId, spiffeIdPattern } from '../../../identity/authorization/index.ts';
import { followPartners } from '../../../runtime/api/index.ts';
import type { VerifiedPeer } from '../../../runtime/tls/index.ts';
import { peerRoute, type Route } from '../route.ts';
import type { ServerParts } from '../server-parts.ts';
import type { PartnersSection } from '../settings/partners-section.ts';
import { spiffeIdOf } from '../spiffe-id-of.ts';

export function partnerFollowers({ partnerFollowers: followers, partnerSettings }: ServerParts): Route {
  return peerRoute(followPartners, async (request, { peer }) => {
    requireGateway(peer, partnerSettings());
    return followers.follow(request, spiffeIdOf(peer));
  });
}

/** @throws CS-PARTNER-011 */
function requireGateway(peer: VerifiedPeer, section: PartnersSection | undefined): void {
  const policies = (section?.gateways ?? []).map(policyOf);
  const [first, ...others] = policies;
  if (first === undefined || !decide(anyOf(first, ...others), peer).allowed)
    throw new Refusal('CS-PARTNER-011', { name: peer.name });
}

function policyOf(written: string): PeerPolicy {
  return written.includes('*') ? spiffeIdPattern(written) : spiffeId(written);
}
