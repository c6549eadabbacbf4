/** What a revocation would cut, counted before it does. */
import type { RevocationPreviewResponse, RevokeRequest } from '../../runtime/api/index.ts';
import { endpointsUnder } from './endpoints-under.ts';
import { orderOf } from './revoke.ts';
import type { ServerParts } from './server-parts.ts';

export async function preview(parts: ServerParts, request: RevokeRequest): Promise<RevocationPreviewResponse> {
  const { revocations, clock } = parts;
  const order = await orderOf(parts, request);
  const counted = await revocations.previewRevocation({ ...order, atMs: clock.now() });
  const { scope } = order;
  return {
    ...(scope?.kind === 'identity' ? { identity: scope.identity } : {}),
    ...(scope?.kind === 'issuer' ? { issuerKey: scope.issuerKey } : {}),
    ...counted,
    endpoints: (await endpointsUnder(parts, order)).length,
  };
}
