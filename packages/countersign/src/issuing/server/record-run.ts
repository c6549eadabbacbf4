/** The start and the end of the authority in the audit log; an end that is missing was none of its own will. */
import type { Clock } from '../../ground/clock/index.ts';
import { type AuditFacts, type AuditJournal, auditEvent } from '../../runtime/audit/index.ts';

/** Answers what records the end: nothing may be written after it. */
export async function recordRun(audit: AuditJournal, clock: Clock, facts: AuditFacts): Promise<() => Promise<void>> {
  const actor = { kind: 'authority', name: '' } as const;
  const { sequence } = await audit.head();
  const [last] = sequence === 0 ? [] : await audit.read(sequence, 1);
  const endedBefore: AuditFacts = last === undefined ? {} : { endedBefore: last.action === 'authority.stop' };
  await audit.append([
    auditEvent('authority.start', { atMs: clock.now(), actor, facts: { ...facts, ...endedBefore } }),
  ]);
  return async () => {
    await audit.append([auditEvent('authority.stop', { atMs: clock.now(), actor })]);
  };
}
