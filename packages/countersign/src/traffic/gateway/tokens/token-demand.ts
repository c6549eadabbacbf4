/** The token that a route asks for, beside the certificate: refused with the very answers of RFC 6750 and 8705. */
import { isRefusal, type Refusal } from '../../../ground/errors/index.ts';
import { bearerAnswer, type RouteRules, type TokenClaims } from '../../../identity/bound-tokens/index.ts';
import type { HeaderList } from '../../relay/index.ts';
import { presentedIn, type PromptTokenCheck } from '../../token-sources/index.ts';
import type { RouteTokenSettings } from '../configuration/gateway-file.ts';
import type { Demand, DemandQuestion, Denial, Noted } from '../serving/demands.ts';

export function tokenDemand(check: PromptTokenCheck, { scopes, unbound, observe }: RouteTokenSettings): Demand {
  const rules: RouteRules = { scopes, ...(unbound === 'allowed' ? { unboundTokens: 'allow' } : {}) };
  const denied = (error: unknown, { peer, onObserved }: DemandQuestion): Denial | undefined => {
    if (!isRefusal(error)) throw error;
    // Who has shown no good certificate is nobody, and that is never let through.
    if (!observe || peer === undefined) return denialOf(error, scopes);
    onObserved(error);
    return undefined;
  };
  const endingWith = ({ expiresAt }: TokenClaims, noted: Noted): Denial | undefined => {
    if (!observe) noted.endsAt = expiresAt;
    return undefined;
  };
  return {
    ask: (asked) => {
      const { rawHeaders, question, peer, asker, noted } = asked;
      const partner = asker !== undefined && 'partner' in asker ? asker.partner?.settings.name : undefined;
      try {
        const claims = check(presentedIn({ rawHeaders, url: question.target }), peer, rules, partner);
        if (claims instanceof Promise)
          return claims.then(
            (found) => endingWith(found, noted),
            (error: unknown) => denied(error, asked),
          );
        return endingWith(claims, noted);
      } catch (error) {
        return denied(error, asked);
      }
    },
  };
}

function denialOf(refusal: Refusal, scopes: readonly string[]): Denial {
  return { refusal, headers: challengeOf(refusal, scopes) };
}

/** What its answer has beside the refusal (RFC 6750, 3). */
export function challengeOf(refusal: Refusal, scopes: readonly string[]): HeaderList {
  const { challenge } = bearerAnswer(refusal, scopes);
  return challenge === undefined ? [] : [['www-authenticate', challenge]];
}
