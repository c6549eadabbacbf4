/** The check of a route: from the headers of a request and the verified peer of its connection to the claims of its token. */
import type { Clock } from '../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import {
  checkBoundToken,
  type PresentedCredentials,
  presentedToken,
  requireRouteRules,
  requireTokenRules,
  type RouteRules,
  type TokenClaims,
  type TokenRules,
} from '../../identity/bound-tokens/index.ts';
import { isVerifiedPeer, tell, type VerifiedPeer } from '../../runtime/tls/index.ts';
import { type CheckedCaller, isForwardedPeer } from '../forwarded-identity/index.ts';
import type { TokenSource } from './token-source.ts';

export interface TokenCheckOptions extends TokenRules {
  /** `signedTokens(...)` or `introspectedTokens(...)`. */
  readonly source: TokenSource;
  readonly clock: Clock;
  /** Told each refusal; default nobody. */
  readonly onRefusal?: (refusal: Refusal, peer: VerifiedPeer | undefined) => void;
}

/** @param peer of the very connection; `undefined` where it presented no certificate, and so no token is its own */
export type TokenCheck = (
  presented: PresentedCredentials,
  peer: VerifiedPeer | undefined,
  route?: RouteRules,
) => Promise<TokenClaims>;

/** Answers in the same turn where nothing has to be fetched, and throws then. @param peer also one whom a proxy names that is believed @param partner which one the peer is, where `partners` are told apart */
export type PromptTokenCheck = (
  presented: PresentedCredentials,
  peer: CheckedCaller | undefined,
  route?: RouteRules,
  partner?: string,
) => TokenClaims | Promise<TokenClaims>;

/** @throws TypeError where the rules cannot be meant; the check itself rejects with CS-BEARER-001 to -019 */
export function createTokenCheck({ onRefusal, ...options }: TokenCheckOptions): TokenCheck {
  const check = createPromptTokenCheck(options);
  return async (presented, peer, route) => {
    if (peer !== undefined && !isVerifiedPeer(peer)) throw unverified();
    try {
      return await check(presented, peer, route);
    } catch (error) {
      if (isRefusal(error)) tell(onRefusal, error, peer);
      throw error;
    }
  };
}

/** For who serves very many requests: a token that was seen before costs no turn. @throws TypeError where the rules cannot be meant */
export function createPromptTokenCheck({
  source,
  clock,
  ...given
}: Omit<TokenCheckOptions, 'onRefusal'>): PromptTokenCheck {
  requireTokenRules(given);
  // A copy, so that what was looked at is what holds.
  const rules: TokenRules = {
    ...given,
    audience: typeof given.audience === 'string' ? given.audience : [...given.audience],
    ...(given.clients === undefined ? {} : { clients: new Map(given.clients) }),
    ...(given.partners === undefined ? {} : { partners: new Map(given.partners) }),
  };
  return (presented, peer, route = {}, partner) => {
    requireRouteRules(route);
    if (peer !== undefined && !isVerifiedPeer(peer) && !isForwardedPeer(peer)) throw unverified();
    const token = presentedToken(presented);
    if (peer === undefined) throw new Refusal('CS-BEARER-013', { peer: 'nobody', presented: 'none' });
    const checked = (claims: TokenClaims): TokenClaims => {
      checkBoundToken({ claims, peer, rules, route, partner, now: clock.now() });
      return claims;
    };
    const claims = source.claimsOf(token, peer.thumbprint);
    return claims instanceof Promise ? claims.then(checked) : checked(claims);
  };
}

function unverified(): TypeError {
  return new TypeError('the peer is the one that an endpoint verified');
}
