/** What the audit log says of a revocation, but for what only the store knows: the serials and the number of the feed. */
import { type Actor, type AuditEvent, auditEvent } from '../../runtime/audit/index.ts';
import type { RevocationOrder } from './revocation-ledger.ts';

export function revokeEvent(
  { reason, name, scope }: Pick<RevocationOrder, 'reason' | 'name' | 'scope'>,
  actor: Actor,
  atMs: number,
): AuditEvent {
  return auditEvent(reason === 'certificateHold' ? 'certificate.hold' : 'certificate.revoke', {
    atMs,
    actor,
    facts: {
      reason,
      ...(scope === undefined ? {} : { by: scope.kind }),
      ...(scope?.kind === 'issuer' ? { issuerKey: scope.issuerKey } : {}),
    },
    ...(name === undefined ? {} : { personal: { names: name } }),
  });
}
