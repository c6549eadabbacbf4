/** What a caller is told whose token is refused: the challenge of RFC 6750, and a problem document with the code and title. */
import { problemContentType, type Refusal, toProblemDocument } from '../../ground/errors/index.ts';
import { bearerAnswer, type RouteRules } from '../../identity/bound-tokens/index.ts';
import type { RefusedAnswer } from './refused-answer.ts';

export function refusedTokenAnswer(refusal: Refusal, { scopes }: RouteRules): RefusedAnswer {
  const { type, title, code } = toProblemDocument(refusal);
  const { status, challenge } = bearerAnswer(refusal, scopes);
  return {
    status,
    headers: {
      'content-type': problemContentType,
      'cache-control': 'no-store',
      ...(challenge === undefined ? {} : { 'www-authenticate': challenge }),
    },
    body: JSON.stringify({ type, title, status, code, evidence: {} }),
  };
}
