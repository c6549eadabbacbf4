/** Somebody's name out of the audit log, and out of the proposals that were decided, in one transaction. */
import type { DatabaseSync } from 'node:sqlite';

import { mentions } from '../../runtime/audit/index.ts';
import type { AuditTable } from './audit-table.ts';
import { text } from './row.ts';

const erased = '(erased)';

export function erasePerson(database: DatabaseSync, audit: AuditTable): Pick<AuditTable, 'eraseAuditPersonal'> {
  // One that is open still waits for somebody, who must see what it says.
  const decided = database.prepare("SELECT id, what, content FROM proposal WHERE state <> 'open'");
  const empty = database.prepare("UPDATE proposal SET what = ?, content = 'null' WHERE id = ?");
  // What tells persons apart is needed as long as somebody can agree, and is the name itself where that is a SPIFFE ID.
  const unname = database.prepare(
    `UPDATE proposal_consent SET name = ?, person = lower(hex(randomblob(8)))
      WHERE name = ? AND proposal IN (SELECT id FROM proposal WHERE state <> 'open')`,
  );
  const forget = (whom: string): void => {
    for (const row of decided.all()) {
      const said = [...(JSON.parse(text(row, 'what')) as string[]), text(row, 'content')];
      if (said.some((line) => mentions(line, whom))) empty.run(JSON.stringify([erased]), text(row, 'id'));
    }
    unname.run(erased, whom);
  };
  return {
    eraseAuditPersonal: (selector, event) => {
      // As in the log itself: overwritten where it stood.
      database.exec('PRAGMA secure_delete = ON');
      forget(selector.actor ?? selector.name ?? '');
      return audit.eraseAuditPersonal(selector, event);
    },
  };
}
