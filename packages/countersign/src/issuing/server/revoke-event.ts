/** What the audit log says of a revocation, but for what only the store knows: the serials and the number of the feed. */
import { type Actor, type AuditEvent, auditEvent } from '../../runtime/audit/index.ts';
import type { RevocationOrder } from './revocation-ledger.ts';

export function revokeEvent(
  { reason, name }: Pick<RevocationOrder, 'reason' | 'name'>,
  actor: Actor,
  atMs: number,
): AuditEvent {
  return auditEvent('certificate.revoke', {
    atMs,
    actor,
    facts: { reason },
    ...(name === undefined ? {} : { personal: { names: name } }),
  });
}
