/** What partners ask with openssl and curl alone: the root, a first certificate for an invitation, the next one for a valid certificate. */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { encodePem, fromBase64Url, parsePem } from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import {
  type IssuedCredential,
  partnerCertificate,
  partnerRenewal,
  type PemOperation,
  rootsPem,
} from '../../../runtime/api/index.ts';
import type { IssuedCertificate } from '../../authority/index.ts';
import { enroll, renew } from '../../enrollment-server/index.ts';
import { PlainText } from '../plain-text.ts';
import { readBody } from '../read-input.ts';
import { respond } from '../respond.ts';
import type { Route } from '../route.ts';
import type { ServerParts } from '../server-parts.ts';

/** 32 KiB, as where requests come as JSON. */
const largestRequest = 32_768;

/** RFC 8555, 9.1. */
const pemType = 'application/pem-certificate-chain';

type Answer = (issued: IssuedCertificate, how: 'enrolled' | 'renewed') => IssuedCredential;

export function partnerUploads(parts: ServerParts, answer: Answer): readonly Route[] {
  const { authority, enrollment, clock, rootSha256 } = parts;
  const reply = (response: ServerResponse, { certificates }: Pick<IssuedCredential, 'certificates'>): void =>
    respond(response, new PlainText(certificates, pemType));
  const bodyOf = async (request: IncomingMessage): Promise<string> => {
    const text = (await readBody(request, clock, largestRequest)).toString('latin1');
    // Before anything is looked for: what is no PEM costs nobody more.
    parsePem(text);
    return text;
  };
  return [
    {
      ...addressOf(rootsPem, {}),
      who: 'anybody',
      answer: async () => new PlainText(encodePem('CERTIFICATE', authority.keys.anchor.raw), pemType),
    },
    {
      ...addressOf(partnerCertificate, { authorization: { what: 'Bearer CODE', required: true } }),
      who: 'token',
      stream: async (request, response) => {
        const secret = codeOf(request);
        const token = { id: invitationOf(request), secret, root: rootSha256 };
        reply(response, answer(await enroll(enrollment, { token, request: await bodyOf(request) }), 'enrolled'));
      },
    },
    {
      ...addressOf(partnerRenewal, {}),
      who: 'peer',
      stream: async (request, response, { peer }) => {
        reply(response, answer(await renew(enrollment, { peer, request: await bodyOf(request) }), 'renewed'));
      },
    },
  ];
}

function addressOf(
  { method, path, summary }: PemOperation,
  headers: Readonly<Record<string, { what: string; required: boolean }>>,
): Pick<Route, 'method' | 'path' | 'described'> {
  return { method, path, described: { summary, headers, answers: pemType } };
}

/** Without the scheme of RFC 6750 a page in a browser could send it (WHATWG Fetch: the header is not safelisted). */
function codeOf({ headers }: IncomingMessage): string {
  const [, code] = /^Bearer ([A-Za-z0-9_-]{22,86})$/i.exec(headers.authorization ?? '') ?? [];
  if (code === undefined || fromBase64Url(code) === undefined)
    throw new Refusal('CS-PARTNER-009', { rule: 'Authorization: Bearer CODE' });
  return code;
}

/** The pin in the link is the caller's, for the authority that he meets. */
function invitationOf({ url = '' }: IncomingMessage): string {
  const ids = new URLSearchParams(url.split('?', 2)[1] ?? '').getAll('invitation');
  const [id = ''] = ids;
  if (ids.length !== 1 || !/^[A-Za-z0-9_-]{1,64}$/.test(id))
    throw new Refusal('CS-PARTNER-008', { rule: 'invitation is in it, once' });
  return id;
}
