/** What the authority answers on its local socket, to its owner. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import {
  authorityStatus,
  createToken as createTokenOperation,
  encodeToken,
  listCertificates,
  profileRenewals,
  type ListedCertificate,
  revokeOperation,
} from '../../runtime/api/index.ts';
import type { CertificateRecord } from '../authority/index.ts';
import { createToken } from '../enrollment-server/index.ts';
import { actorOf } from './actor-of.ts';
import { auditRoutes } from './audit-routes.ts';
import { lostRenewals } from './lost-renewals.ts';
import { metricsRoute } from './metrics-route.ts';
import { revoke } from './revoke.ts';
import { route, type Route } from './route.ts';
import type { ServerParts } from './server-parts.ts';
import { serverStatus } from './telemetry/server-status.ts';

const defaultPage = 100;

export function localRoutes(parts: ServerParts): readonly Route[] {
  const { authority, enrollment, inventory, clock, rootSha256 } = parts;
  return [
    route('local-owner', createTokenOperation, async (asked, caller) => {
      const { names = [], lifeSeconds, certificateLifeSeconds, profile } = asked;
      const certificateLifeMs = certificateLifeSeconds === undefined ? undefined : certificateLifeSeconds * 1000;
      const order = { names, lifeMs: lifeSeconds * 1000, certificateLifeMs, profile, actor: actorOf(caller) };
      const created = await createToken(enrollment, order);
      const { id, secret, expiresAtMs: expires } = created;
      return {
        token: encodeToken({ authority: parts.url(), root: rootSha256, id, secret, names: created.names, expires }),
      };
    }),
    route('local-owner', listCertificates, async ({ after, limit }) => {
      const { records, next } = await inventory.page(after, limit ?? defaultPage);
      return { certificates: records.map((record) => listed(record, clock.now())), next };
    }),
    route('local-owner', profileRenewals, async (request) => lostRenewals(parts, request)),
    route('local-owner', revokeOperation, async (request, caller) => revoke(parts, request, actorOf(caller))),
    ...auditRoutes(parts),
    route('local-owner', authorityStatus, async () =>
      serverStatus({ ...parts, trustDomain: authority.trustDomain, version: parts.version }),
    ),
    metricsRoute(parts.telemetry.metrics),
  ];
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
  if (revoked !== undefined) return 'revoked';
  return nowMs >= notAfterMs + 1000 ? 'expired' : 'valid';
}
