/** A certification request as it comes from a client: read strictly, signed by its own key, asking for nothing that was not granted. */
import { parsePem } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import {
  type CertificationRequest,
  type GeneralNames,
  otherKinds,
  parseCertificationRequest,
  verifyCertificationRequest,
} from '../../identity/x509/index.ts';
import { verifyOnce } from '../../runtime/cryptography/index.ts';
import {
  certifiableKeyTypes,
  listNames,
  partnerProfile,
  type Profile,
  requireAllowedKey,
  writtenMailbox,
} from '../authority/index.ts';

/** RFC 7468, 7; the second is what older programs write. */
const labels: readonly string[] = ['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST'];

/** Where a proof is read before its profile is known: every key that any may allow. */
const anyProfile = { name: 'any', keyTypes: certifiableKeyTypes };

/**
 * Of a request its key is used, and its names where the profile leaves them to it; subject and other extensions are not looked at.
 * The key is looked at before its signature is verified: what is not certified costs nothing.
 */
export function readRequest(
  pem: string,
  profile: Pick<Profile, 'name' | 'keyTypes'> = anyProfile,
): CertificationRequest {
  const blocks = parsePem(pem);
  const [block] = blocks;
  if (block === undefined || blocks.length !== 1 || !labels.includes(block.label)) {
    const found = blocks.map(({ label }) => label).join(', ');
    throw new Refusal('CS-PEM-002', { expected: 'one CERTIFICATE REQUEST', found: found === '' ? 'nothing' : found });
  }
  const request = parseCertificationRequest(block.bytes);
  requireAllowedKey(request.publicKey, profile);
  verifyCertificationRequest(request, verifyOnce);
  return request;
}

/** Names that are told: a request can hold a thousand, and a refusal goes into a log. Own choice. */
const mostShown = 10;

/** What a request may say of names. Of a partner's nothing is looked at but the key: whoever made it with openssl knows no SPIFFE ID, and is given one. */
export function requireNames(
  request: CertificationRequest,
  granted: readonly string[],
  profile: Pick<Profile, 'name'>,
): void {
  if (profile.name !== partnerProfile.name) refuseOtherNames(request, granted);
}

/** A request may repeat granted names; one that asks for another gets nothing rather than something else. Compared decoded, octet for octet. */
export function refuseOtherNames({ subjectAltName }: CertificationRequest, granted: readonly string[]): void {
  const others = listed(subjectAltName).filter((name) => !granted.includes(name));
  if (others.length === 0) return;
  const more = others.length - mostShown;
  const asked = [...others.slice(0, mostShown), ...(more > 0 ? [`and ${String(more)} more`] : [])];
  throw new Refusal('CS-AUTHORITY-006', { asked, granted: [...granted] });
}

/** The names that it asks for. */
export function namesOf({ subjectAltName }: CertificationRequest): readonly string[] {
  return listed(subjectAltName);
}

/** id-on-SmtpUTF8Mailbox (RFC 9598, 3). */
const smtpUtf8Mailbox = '1.3.6.1.5.5.7.8.9';

/** A name of a kind that is not read is not granted to anybody. The host of a mailbox is compared without regard to case (RFC 5280, 7.5). */
function listed(names: GeneralNames): string[] {
  const international = names.otherName.filter(({ type }) => type === smtpUtf8Mailbox);
  const otherName = names.otherName.filter(({ type }) => type !== smtpUtf8Mailbox);
  const unread = [...international.map(() => 'SmtpUTF8Mailbox'), ...otherKinds({ ...names, email: [], otherName })];
  return [
    ...listNames({ ...names, email: names.email.map(writtenMailbox) }),
    ...unread.map((kind) => `a name of the kind ${kind}`),
  ];
}
