/** Revokes, tells everybody, waits for them, and says where it is in force. */
import { Refusal } from '../../ground/errors/index.ts';
import type { Actor } from '../../runtime/audit/index.ts';
import type { RevokeRequest, RevokeResponse } from '../../runtime/api/index.ts';
import { writtenName } from '../authority/index.ts';
import { type AwaitedEnforcement, awaitEnforcement } from './enforcement.ts';
import { endpointsUnder } from './endpoints-under.ts';
import type { RevocationOrder, RevocationResult } from './revocation-ledger.ts';
import type { ServerParts } from './server-parts.ts';
import { wideScope } from './wide-scope.ts';

export async function revoke(parts: ServerParts, request: RevokeRequest, actor: Actor): Promise<RevokeResponse> {
  return carryOut(parts, await orderOf(parts, request), actor);
}

/** The same until it is released. */
export async function hold(
  parts: ServerParts,
  { serial, name }: Pick<RevokeRequest, 'serial' | 'name'>,
  actor: Actor,
): Promise<RevokeResponse> {
  const order = await orderOf(parts, { serial, name });
  return carryOut(parts, { ...order, reason: 'certificateHold' }, actor);
}

type Order = Omit<RevocationOrder, 'atMs'>;

/** @throws CS-REVOKE-002, -004, -005 */
export async function orderOf(parts: ServerParts, request: RevokeRequest): Promise<Order> {
  const { clock, profiles } = parts;
  const { serial, name, reason } = request;
  const scope = await wideScope(parts, request);
  const named = scope?.kind === 'identity' ? scope.identity : name;
  return {
    serialNumber: serial,
    name: named === undefined ? undefined : writtenName(named),
    scope,
    reason: reason ?? 'unspecified',
    // What expired before this can not even be renewed.
    usefulSinceMs: clock.now() - profiles.current().longestRenewalMs,
  };
}

async function carryOut(parts: ServerParts, order: Order, actor: Actor): Promise<RevokeResponse> {
  const { feed, endpoints, clock, own } = parts;
  const startMs = clock.monotonic();
  let enforcement: AwaitedEnforcement | undefined;
  const beforeTelling = async ({ number, serialNumbers }: RevocationResult): Promise<void> => {
    parts.onStep?.('revocation-recorded');
    // Cut off from the feed with what they hold: nobody waits for them.
    if (order.scope !== undefined)
      await endpoints.forgetCertificates((await endpointsUnder(parts, order)).map((holder) => holder.serialNumber));
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
    throw new Refusal('CS-REVOKE-001', { asked: order.serialNumber ?? order.name ?? '' });
  const { scope } = order;
  return {
    serials: [...result.serialNumbers],
    ...(scope?.kind === 'identity' ? { identity: scope.identity } : {}),
    ...(scope?.kind === 'issuer' ? { issuerKey: scope.issuerKey } : {}),
    number: result.number,
    ...(await enforcement.settle()),
  };
}
