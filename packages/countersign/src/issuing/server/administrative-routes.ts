/** What the authority answers its administrators, on the local socket and over HTTPS alike: each with the role that it needs. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import {
  addAdministrator,
  approveProposal,
  authorityStatus,
  createToken as createTokenOperation,
  encodeToken,
  holdOperation,
  listCertificates,
  type ListCertificatesRequest,
  type ListedCertificate,
  listProposals,
  localFeed,
  previewRevocation,
  profileRenewals,
  releaseOperation,
  rejectProposal,
  replaceIssuer,
  revokeOperation,
  takeSnapshotOperation,
} from '../../runtime/api/index.ts';
import {
  type CertificateInventory,
  type CertificatePage,
  type CertificateRecord,
  writtenName,
} from '../authority/index.ts';
import { createToken } from '../enrollment-server/index.ts';
import { addAdministratorOperation, askedFor } from './access/add-administrator.ts';
import { personsOf } from './access/administrators.ts';
import { auditRoutes } from './audit-routes.ts';
import { followLocalFeedRoute } from './follow-feed.ts';
import { nextIssuer } from './keys/next-issuer.ts';
import { issuerReplacement } from './keys/replace-issuer.ts';
import { issuerRole } from './keys/require-one-person.ts';
import { lostRenewals } from './lost-renewals.ts';
import { metricsRoute } from './metrics-route.ts';
import { partnerAdministration } from './partners/administrative-routes.ts';
import { preview } from './preview-revocation.ts';
import { release } from './release.ts';
import { hold, revoke } from './revoke.ts';
import { administrativeRoute, type Route } from './route.ts';
import { snapshot } from './snapshot.ts';
import type { ServerParts } from './server-parts.ts';
import { tokenClientAdministration } from './token-client-routes.ts';
import { serverStatus } from './telemetry/server-status.ts';

const defaultPage = 100;

export function administrativeRoutes(parts: ServerParts): readonly Route[] {
  return [
    ...certificateRoutes(parts),
    ...auditRoutes(parts),
    ...partnerAdministration(parts),
    ...tokenClientAdministration(parts),
    ...administrationRoutes(parts),
  ];
}

function certificateRoutes(parts: ServerParts): readonly Route[] {
  const { authority, enrollment, inventory, clock, rootSha256, administrators } = parts;
  return [
    administrativeRoute('operator', createTokenOperation, async (request, { actor }) => {
      const { names: asked = [], lifeSeconds, certificateLifeSeconds, profile } = request;
      const certificateLifeMs = certificateLifeSeconds === undefined ? undefined : certificateLifeSeconds * 1000;
      const created = await createToken(enrollment, {
        ...{ names: asked, lifeMs: lifeSeconds * 1000 },
        ...{ certificateLifeMs, profile, actor },
      });
      const { id, secret, expiresAtMs: expires } = created;
      return {
        token: encodeToken({ authority: parts.url(), root: rootSha256, id, secret, names: created.names, expires }),
      };
    }),
    administrativeRoute('auditor', listCertificates, async (question) => {
      const { records, next } = await found(inventory, question);
      return { certificates: records.map((record) => listed(record, clock.now())), next };
    }),
    administrativeRoute('operator', revokeOperation, async (request, { actor }) => revoke(parts, request, actor)),
    administrativeRoute('operator', previewRevocation, async (request) => preview(parts, request)),
    administrativeRoute('operator', holdOperation, async (request, { actor }) => hold(parts, request, actor)),
    administrativeRoute('operator', releaseOperation, async ({ serial }, { actor }) => release(parts, serial, actor)),
    administrativeRoute('auditor', profileRenewals, async (request) => lostRenewals(parts, request)),
    administrativeRoute('operator', takeSnapshotOperation, async (_, { actor }) => snapshot(parts.snapshots, actor)),
    administrativeRoute('auditor', authorityStatus, async () => ({
      ...(await serverStatus({
        ...parts,
        trustDomain: authority.trustDomain,
        nextIssuer: () => nextIssuer(parts.keyPlace, authority.keys),
      })),
      persons: personsOf(administrators.current()),
    })),
    metricsRoute(parts.telemetry.metrics),
    ...localFeedRoutes(parts),
  ];
}

/** Who may look at what was revoked anyway hears of it as it happens, and says what is in force where it listens. */
function localFeedRoutes({ feed, endpoints }: ServerParts): readonly Route[] {
  return [
    followLocalFeedRoute(feed),
    administrativeRoute('auditor', localFeed.acknowledge, async (acknowledgement, { person }) => {
      await endpoints.acknowledge({ ...acknowledgement, spiffeId: person }, feed.number);
      return {};
    }),
    administrativeRoute('auditor', localFeed.leave, async ({ endpoint }, { person }) => {
      await endpoints.leave({ spiffeId: person, endpoint });
      return {};
    }),
  ];
}

function administrationRoutes(parts: ServerParts): readonly Route[] {
  const { proposals } = parts;
  const addition = addAdministratorOperation(parts);
  proposals.register(addition);
  const replace = issuerReplacement(parts);
  return [
    administrativeRoute('root', addAdministrator, async (request, caller) => {
      const asked = askedFor(parts, request);
      const leave = await proposals.require(addition, asked, caller);
      if (leave !== 'go') return { proposal: leave };
      return addition.execute(asked.content, caller.actor);
    }),
    administrativeRoute(issuerRole, replaceIssuer, async (request, caller) => replace(request, caller)),
    // For every role: each proposal says which ones it needs, and who may agree must be able to look.
    administrativeRoute('administrator', listProposals, async () => ({ proposals: await proposals.list() })),
    administrativeRoute('administrator', approveProposal, async ({ id, contentSha256 }, caller) =>
      proposals.approve(id, contentSha256, caller),
    ),
    administrativeRoute('administrator', rejectProposal, async ({ id }, caller) => ({
      proposal: await proposals.reject(id, caller),
    })),
  ];
}

async function found(
  inventory: CertificateInventory,
  { serial, name, after, limit = defaultPage }: ListCertificatesRequest,
): Promise<CertificatePage> {
  if (name !== undefined) return inventory.byName(writtenName(name), after, limit);
  if (serial === undefined) return inventory.page(after, limit);
  const records = await inventory.bySerialNumber([serial]);
  return { records: records.filter((record) => record !== undefined) };
}

function listed(record: CertificateRecord, nowMs: number): ListedCertificate {
  return {
    serial: record.serialNumber,
    names: [...record.names],
    notBefore: toRfc3339(record.notBeforeMs),
    notAfter: toRfc3339(record.notAfterMs),
    status: statusOf(record, nowMs),
    issuedAt: toRfc3339(record.issuedAtMs),
  };
}

/** Revoked stays revoked after expiry. notAfter's last second is valid (RFC 5280, 4.1.2.5). */
function statusOf({ revoked, notAfterMs }: CertificateRecord, nowMs: number): ListedCertificate['status'] {
  if (revoked !== undefined) return revoked.reason === 'certificateHold' ? 'held' : 'revoked';
  return nowMs >= notAfterMs + 1000 ? 'expired' : 'valid';
}
