/** What becomes of a partner's certificates when it is suspended, resumed or removed: held, released, revoked, by the means that everybody's are. */
import { isRefusal } from '../../../ground/errors/index.ts';
import type { Actor } from '../../../runtime/audit/index.ts';
import type { RevokeResponse } from '../../../runtime/api/index.ts';
import type { CertificateRecord } from '../../authority/index.ts';
import { release } from '../release.ts';
import { hold, revoke } from '../revoke.ts';
import type { ServerParts } from '../server-parts.ts';

/** Of one name that are looked at. Own choice: a partner has a few at a time, and those that expired are tidied away. */
const mostCertificates = 1000;

export async function certificatesOf(
  { inventory }: ServerParts,
  spiffeId: string,
): Promise<readonly CertificateRecord[]> {
  return (await inventory.byName(spiffeId, undefined, mostCertificates)).records;
}

/** Nothing is held where there is no certificate yet: no endpoint can have met the partner. */
export async function holdPartner(parts: ServerParts, spiffeId: string, actor: Actor): Promise<RevokeResponse> {
  try {
    return await hold(parts, { name: spiffeId }, actor);
  } catch (error) {
    if (isRefusal(error) && error.code === 'CS-REVOKE-001') return nothingToEnforce(parts);
    throw error;
  }
}

/** Beside what is done to its certificates: gateways hear that it is suspended, and what they closed counts. */
export async function atGatewaysToo(
  parts: ServerParts,
  enforce: () => Promise<RevokeResponse>,
): Promise<RevokeResponse> {
  const told = parts.partnerFollowers.changed();
  const [certificates, gateways] = await Promise.allSettled([enforce(), told.settle(parts.enforcementWaitMs)]);
  if (certificates.status === 'rejected') throw certificates.reason;
  if (gateways.status === 'rejected') throw gateways.reason;
  return gateways.value.of === 0 ? certificates.value : { ...certificates.value, gateways: gateways.value };
}

/** Each line of renewals once; the answers count as one. */
export async function releasePartner(parts: ServerParts, spiffeId: string, actor: Actor): Promise<RevokeResponse> {
  const held = (await certificatesOf(parts, spiffeId)).filter(
    ({ lineageRevoked }) => lineageRevoked?.reason === 'certificateHold',
  );
  const lines = new Map(held.map((record) => [record.lineage, record.serialNumber]));
  let all = nothingToEnforce(parts);
  const released = new Set<string>();
  for (const serialNumber of lines.values()) {
    // Those of the same key are released together.
    if (released.has(serialNumber)) continue;
    const one = await release(parts, serialNumber, actor);
    for (const serial of one.serials) released.add(serial);
    all = { ...one, serials: [...released], ms: all.ms + one.ms, closed: all.closed + one.closed };
  }
  return all;
}

export function revokePartner(parts: ServerParts, spiffeId: string, actor: Actor): Promise<RevokeResponse> {
  return revoke(parts, { identity: spiffeId, reason: 'cessationOfOperation' }, actor);
}

function nothingToEnforce({ feed }: ServerParts): RevokeResponse {
  return { serials: [], number: feed.number, enforced: 0, of: 0, ms: 0, unreachable: [], closed: 0 };
}
