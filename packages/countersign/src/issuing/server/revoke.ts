/** Revokes, tells everybody, waits for them, and says where it is in force. */
import { Refusal } from '../../ground/errors/index.ts';
import type { Actor } from '../../runtime/audit/index.ts';
import type { RevokeRequest, RevokeResponse } from '../../runtime/api/index.ts';
import { writtenName } from '../authority/index.ts';
import { type AwaitedEnforcement, awaitEnforcement } from './enforcement.ts';
import type { RevocationResult } from './revocation-ledger.ts';
import type { ServerParts } from './server-parts.ts';

export async function revoke(
  parts: ServerParts,
  { serial, name, reason }: RevokeRequest,
  actor: Actor,
): Promise<RevokeResponse> {
  const { feed, endpoints, clock, profiles, own } = parts;
  const startMs = clock.monotonic();
  let enforcement: AwaitedEnforcement | undefined;
  const order = {
    serialNumber: serial,
    name: name === undefined ? undefined : writtenName(name),
    reason: reason ?? 'unspecified',
    // What expired before this can not even be renewed.
    usefulSinceMs: clock.now() - profiles.current().longestRenewalMs,
  };
  const beforeTelling = async ({ number, serialNumbers }: RevocationResult): Promise<void> => {
    parts.onStep?.('revocation-recorded');
    enforcement = awaitEnforcement({ endpoints, number, clock, startMs, waitMs: parts.enforcementWaitMs });
    // Before it is told, so that nobody meets the authority with a certificate that it has just revoked.
    for (const certificate of own) if (serialNumbers.includes(certificate.serialNumber)) await certificate.replace();
  };
  const result = await feed.revoke(order, actor, beforeTelling).catch((error: unknown) => {
    enforcement?.abandon();
    throw error;
  });
  parts.onStep?.('revocation-told');
  if (result === undefined || enforcement === undefined)
    throw new Refusal('CS-REVOKE-001', { asked: serial ?? name ?? '' });
  return { serials: [...result.serialNumbers], number: result.number, ...(await enforcement.settle()) };
}
