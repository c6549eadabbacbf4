/** The one token of a request, taken from where it may stand alone: its Authorization header (RFC 6750, 2.1). */
import { Refusal } from '../../ground/errors/index.ts';

export interface PresentedCredentials {
  /** The value of each Authorization header, as they came. */
  readonly authorization: readonly string[];
  /** Whether `access_token` also stands in the query or a form (RFC 6750, 2.2 and 2.3), which logs and histories keep. */
  readonly elsewhere?: boolean;
}

/** Characters: more than any access token needs, and half of what Node takes of a request's head. Own choice. */
export const mostTokenCharacters = 8192;

/** RFC 6750, 2.1: `b64token`. */
const bearer = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/** Of a scheme no more is shown than a name has; RFC 9110, 11.1: a `token`. */
const scheme = /^([A-Za-z0-9!#$%&'*+.^_`|~-]{1,32})(?: |$)/;

/** @throws CS-BEARER-001 where there is none, -002 for another scheme, -004 for several or one elsewhere, -005 for one too long */
export function presentedToken({ authorization, elsewhere = false }: PresentedCredentials): string {
  if (elsewhere) throw notAsItMust('a token stands in the Authorization header alone, never in the address or a form');
  const [header, ...others] = authorization;
  if (header === undefined) throw new Refusal('CS-BEARER-001', {});
  if (others.length > 0) throw notAsItMust('there is one Authorization header');
  const name = scheme.exec(header)?.[1];
  if (name === undefined) throw notAsItMust('the Authorization header begins with a scheme');
  if (name.toLowerCase() !== 'bearer') throw new Refusal('CS-BEARER-002', { scheme: name });
  if (header.length > mostTokenCharacters + 'Bearer '.length)
    throw new Refusal('CS-BEARER-005', { rule: `a token has at most ${mostTokenCharacters} characters` });
  const token = bearer.exec(header)?.[1];
  if (token === undefined) throw notAsItMust('after Bearer there is one token');
  return token;
}

function notAsItMust(rule: string): Refusal {
  return new Refusal('CS-BEARER-004', { rule });
}
