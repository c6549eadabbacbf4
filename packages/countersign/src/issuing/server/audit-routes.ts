/** The audit log on the local socket: read in pages, taken out, and personal values erased; the last two are told of in it. */
import { eraseAudit, readAudit, recordAuditExport } from '../../runtime/api/index.ts';
import { auditEvent, toAuditLine } from '../../runtime/audit/index.ts';
import { actorOf } from './actor-of.ts';
import { route, type Route } from './route.ts';
import type { ServerParts } from './server-parts.ts';

const defaultPage = 100;

export function auditRoutes({ audit, clock }: ServerParts): readonly Route[] {
  return [
    route('local-owner', readAudit, async ({ from, limit }) => {
      // The head first: entries that come meanwhile are beyond it, none of those before is missing.
      const { sequence, hash, atMs } = await audit.head();
      const entries = await audit.read(from ?? 1, limit ?? defaultPage);
      const counted = await audit.counted();
      return { entries: entries.map(toAuditLine), head: { sequence, hash, at: atMs }, counted };
    }),
    route('local-owner', recordAuditExport, async ({ format, from }, caller) => {
      const { sequence: through } = await audit.head();
      const facts = { format, from, through };
      await audit.append([auditEvent('audit.export', { atMs: clock.now(), actor: actorOf(caller), facts })]);
      return { through };
    }),
    route('local-owner', eraseAudit, async (selector, caller) => {
      // Not whom it is about: that would be written down again.
      const facts = { about: selector.actor === undefined ? 'name' : 'actor' };
      const event = auditEvent('personal.erase', { atMs: clock.now(), actor: actorOf(caller), facts });
      return { fields: await audit.erasePersonal(selector, event) };
    }),
  ];
}
