/** The link of an invitation: where to go, the pin, which invitation and whose. It holds no secret; with the code it is an enrolment token. */
import { parseRfc3339, toRfc3339 } from '../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { decodeToken, encodeToken, type EnrollmentToken } from './token.ts';
import { partnerCertificate } from './partner-uploads.ts';

/** All but the secret. */
export type Invitation = Omit<EnrollmentToken, 'secret' | 'names'> & { readonly name: string };

const members = ['expires', 'invitation', 'name', 'root'] as const;

/** Own choice: a SPIFFE ID has at most 2048 octets. */
const mostCharacters = 4096;

export function encodeInvitation({ authority, id, root, name, expires }: Invitation): string {
  const query = new URLSearchParams({ invitation: id, name, root, expires: toRfc3339(expires) });
  // What these stand for is the same, and a person can read them.
  return `${authority}${partnerCertificate.path}?${query.toString().replaceAll('%3A', ':').replaceAll('%2F', '/')}`;
}

/** The enrolment token that link and code are together. White space around them is allowed: they come from a file or a prompt. @throws CS-PARTNER-008, -009 */
export function tokenOfInvitation(link: string, code: string): string {
  const url = linkOf(link.trim());
  const query = (name: (typeof members)[number]): string => url.searchParams.get(name) ?? '';
  const expires = parseRfc3339(query('expires'));
  if (expires === undefined) throw malformed('expires is a time');
  const secret = code.trim();
  if (!/^[A-Za-z0-9_-]{22,86}$/.test(secret))
    throw new Refusal('CS-PARTNER-009', { rule: 'the whole code as it was received, and nothing else' });
  try {
    const token = {
      authority: url.origin,
      root: query('root'),
      id: query('invitation'),
      secret,
      names: [query('name')],
    };
    return encodeToken(decodeToken(encodeToken({ ...token, expires })));
  } catch (error) {
    // Without the cause: it may quote what was given.
    if (isRefusal(error)) throw malformed(String(error.evidence['rule'] ?? 'its parts are well formed'));
    throw malformed('its parts are well formed');
  }
}

function linkOf(text: string): URL {
  const url = text.length <= mostCharacters && URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' || url.pathname !== partnerCertificate.path || url.username !== '')
    throw malformed(`https://HOST:PORT${partnerCertificate.path}?...`);
  const names = [...url.searchParams.keys()].sort();
  if (names.join() !== members.join()) throw malformed(`it has the parts ${members.join(', ')}, each once`);
  return url;
}

function malformed(rule: string): Refusal {
  return new Refusal('CS-PARTNER-008', { rule });
}
