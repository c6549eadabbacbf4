/** The audit log: read in pages, taken out, and personal values erased; the last two are told of in it. */
import { encodePem } from '../../ground/encoding/index.ts';
import { eraseAudit, type EraseAuditRequest, readAudit, recordAuditExport } from '../../runtime/api/index.ts';
import { auditEvent, toAuditLine } from '../../runtime/audit/index.ts';
import type { NamedOperation } from './approval/proposals.ts';
import { administrativeRoute, type Route } from './route.ts';
import type { ServerParts } from './server-parts.ts';

const defaultPage = 100;

export function auditRoutes(parts: ServerParts): readonly Route[] {
  const { audit, clock, proposals } = parts;
  const erasure = erasureOf(parts);
  proposals.register(erasure);
  return [
    administrativeRoute('auditor', readAudit, async ({ from, limit }) => {
      // The head first: entries that come meanwhile are beyond it, none of those before is missing.
      const { sequence, hash, atMs } = await audit.head();
      const entries = await audit.read(from ?? 1, limit ?? defaultPage);
      const counted = await audit.counted();
      const { trustDomain, keys } = parts.authority;
      const authority = { trustDomain, roots: [encodePem('CERTIFICATE', keys.anchor.raw)] };
      return { authority, entries: entries.map(toAuditLine), head: { sequence, hash, at: atMs }, counted };
    }),
    administrativeRoute('auditor', recordAuditExport, async ({ format, from }, { actor }) => {
      const { sequence: through } = await audit.head();
      const facts = { format, from, through };
      await audit.append([auditEvent('audit.export', { atMs: clock.now(), actor, facts })]);
      return { through };
    }),
    administrativeRoute('root', eraseAudit, async (selector, caller) => {
      const whom = selector.actor === undefined ? `the name ${selector.name ?? ''}` : `the actor ${selector.actor}`;
      const what = [`what the audit log says of ${whom} is erased for good; the hashes stay`];
      const leave = await proposals.require(erasure, { content: selector, roles: ['root'], what }, caller);
      if (leave !== 'go') return { proposal: leave };
      const { fields } = await erasure.execute(selector, caller.actor);
      return { fields: Number(fields) };
    }),
  ];
}

function erasureOf({ audit, clock }: ServerParts): NamedOperation<EraseAuditRequest> {
  return {
    name: 'audit.erase',
    execute: async (selector, actor) => {
      // Not whom it is about: that would be written down again.
      const facts = { about: selector.actor === undefined ? 'name' : 'actor' };
      const event = auditEvent('personal.erase', { atMs: clock.now(), actor, facts });
      return { fields: String(await audit.erasePersonal(selector, event)) };
    },
  };
}
