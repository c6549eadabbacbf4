/** What administrators ask about partners. */
import { toRfc3339 } from '../../../ground/clock/index.ts';
import { encodePem } from '../../../ground/encoding/index.ts';
import { partnerId } from '../../../identity/partners/index.ts';
import {
  encodeInvitation,
  invitePartner,
  type ListedPartner,
  listPartners,
  removePartner,
  resumePartner,
  suspendPartner,
} from '../../../runtime/api/index.ts';
import { sha256HexOfText } from '../../../runtime/cryptography/index.ts';
import { findPartner, invite, type PartnerRecord, remove, resume, suspend } from '../../partner-registry/index.ts';
import { administrativeRoute, type Route } from '../route.ts';
import type { ServerParts } from '../server-parts.ts';
import { atGatewaysToo, certificatesOf, holdPartner, releasePartner, revokePartner } from './enforce.ts';

const partnersOfAPage = 100;

export function partnerAdministration(parts: ServerParts): readonly Route[] {
  const { authority, partners: book, partnerFollowers: followers, enrollment, clock, rootSha256 } = parts;
  const idOf = (name: string): string => partnerId(authority.trustDomain, name);
  return [
    administrativeRoute('operator', invitePartner, async (request, { actor }) => {
      const { lifeSeconds, certificateLifeSeconds: certificateLife, ...asked } = request;
      const certificateLifeMs = certificateLife === undefined ? undefined : certificateLife * 1000;
      const order = { ...asked, lifeMs: lifeSeconds * 1000, certificateLifeMs, actor };
      const { spiffeId, registered, id, secret, expiresAtMs } = await invite({ book, enrollment, clock }, order);
      if (registered) followers.tell();
      const invitation = { authority: parts.url(), id, root: rootSha256, name: spiffeId, expires: expiresAtMs };
      return {
        ...{ spiffeId, link: encodeInvitation(invitation), code: secret, expires: toRfc3339(expiresAtMs), registered },
        rootPemSha256: sha256HexOfText(encodePem('CERTIFICATE', authority.keys.anchor.raw)),
      };
    }),
    administrativeRoute('auditor', listPartners, async ({ name, after }) => {
      const records =
        name === undefined ? await book.page(after, partnersOfAPage + 1) : [await findPartner(book, name)];
      const shown = records.slice(0, partnersOfAPage);
      const next = records.length > partnersOfAPage ? { next: shown.at(-1)?.name } : {};
      return { partners: await Promise.all(shown.map((record) => listed(parts, record))), ...next };
    }),
    administrativeRoute('operator', suspendPartner, async ({ name, reason }, { actor }) =>
      suspend({ book, clock }, { name, reason, actor }, () =>
        atGatewaysToo(parts, () => holdPartner(parts, idOf(name), actor)),
      ),
    ),
    administrativeRoute('operator', resumePartner, async ({ name }, { actor }) => {
      const done = await resume({ book, clock }, { name, actor }, () => releasePartner(parts, idOf(name), actor));
      followers.tell();
      return done;
    }),
    administrativeRoute('operator', removePartner, async ({ name }, { actor }) => {
      const done = await remove({ book, clock }, { name, actor }, () =>
        atGatewaysToo(parts, () => revokePartner(parts, idOf(name), actor)),
      );
      followers.tell();
      return done;
    }),
  ];
}

async function listed(parts: ServerParts, record: PartnerRecord): Promise<ListedPartner> {
  const { name, state, reason, terms, invitedAtMs, changedAtMs } = record;
  const spiffeId = partnerId(parts.authority.trustDomain, name);
  const now = parts.clock.now();
  // notAfter is inclusive of its final second (RFC 5280, 4.1.2.5).
  const unexpired = (await certificatesOf(parts, spiffeId)).filter(({ notAfterMs }) => now < notAfterMs + 1000);
  const valid = unexpired.filter(({ revoked }) => revoked === undefined);
  const held = unexpired.filter(({ revoked }) => revoked?.reason === 'certificateHold');
  const last = Math.max(...[...valid, ...held].map(({ notAfterMs }) => notAfterMs));
  return {
    ...{ name, state, ...(reason === undefined ? {} : { reason }), spiffeId },
    routes: terms.routes === '*' ? '*' : [...terms.routes],
    ...{ limits: terms.limits, contacts: [...terms.contacts] },
    ...{ invitedAt: toRfc3339(invitedAtMs), changedAt: toRfc3339(changedAtMs) },
    ...{ valid: valid.length, held: held.length },
    ...(Number.isFinite(last) ? { notAfter: toRfc3339(last) } : {}),
  };
}
