/** The token of a request, checked against the peer of its very connection: what each framework's door asks. */
import type { RouteRules, TokenClaims } from '../../identity/bound-tokens/index.ts';
import { optionalPeerOf, type PeerBearer, type VerifiedPeer } from '../../runtime/tls/index.ts';
import { presentedIn, type RequestLike, type TokenCheck } from '../../traffic/token-sources/index.ts';

/** @throws CS-BEARER-001 to -019, and the refusals of peers where a certificate was presented that does not count */
export async function tokenOf(
  bearer: PeerBearer & RequestLike,
  check: TokenCheck,
  route: RouteRules,
): Promise<TokenClaims> {
  return check(presentedIn(bearer), peerIn(bearer), route);
}

function peerIn(bearer: PeerBearer): VerifiedPeer | undefined {
  const outcome = optionalPeerOf(bearer);
  if (outcome === undefined) return undefined;
  if ('refusal' in outcome) throw outcome.refusal;
  return outcome.peer;
}

/** At the moment at which a route is made: plain JavaScript might forget the check, and the route would be open. @throws TypeError */
export function requireCheck(check: TokenCheck): void {
  if (typeof check !== 'function')
    throw new TypeError('a route that asks for tokens takes what createTokenCheck() returned');
}
