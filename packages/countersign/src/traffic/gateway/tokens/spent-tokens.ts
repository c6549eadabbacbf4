/** The header of a request without the token that was looked at here: it is bound to the caller's certificate, and is no word for the program behind. */
import type { MakeHeaders } from '../identity/sent-identity.ts';

/** @param makeHeaders what makes the rest */
export function withoutSpentTokens(makeHeaders: MakeHeaders): MakeHeaders {
  return (question) => {
    const { token } = question.route.settings;
    if (token === undefined || token.forward) return makeHeaders(question);
    return makeHeaders(question).filter(([name]) => name.length !== 13 || name.toLowerCase() !== 'authorization');
  };
}
