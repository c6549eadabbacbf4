/** Clients of the token issuer that administrators registered, and for a while those that they removed. */
import type { DatabaseSync } from 'node:sqlite';

import type { TokenClientRecord } from '../../issuing/token-issuer/index.ts';
import type { AuditEvent } from '../../runtime/audit/index.ts';
import type { AuditTable } from './audit-table.ts';
import { number, type Row, text } from './row.ts';

export interface TokenClientTable {
  allTokenClients(): TokenClientRecord[];
  addTokenClient(client: TokenClientRecord, forgetMs: number, event: AuditEvent): boolean;
  removeTokenClient(clientId: string, atMs: number, event: AuditEvent): boolean;
}

export function tokenClientTable(database: DatabaseSync, audit: AuditTable): TokenClientTable {
  const all = database.prepare('SELECT * FROM token_client ORDER BY client_id');
  const insert = database.prepare(
    'INSERT INTO token_client VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET registration = excluded.registration, at = excluded.at WHERE registration IS NULL',
  );
  const remove = database.prepare(
    'UPDATE token_client SET registration = NULL, at = ? WHERE client_id = ? AND registration IS NOT NULL',
  );
  const forget = database.prepare('DELETE FROM token_client WHERE registration IS NULL AND at < ?');

  return {
    allTokenClients: () => all.all().map(record),
    addTokenClient: ({ clientId, registration, atMs }, forgetMs, event) => {
      forget.run(forgetMs);
      const added = insert.run(clientId, JSON.stringify(registration), atMs).changes === 1;
      if (added) audit.appendAudit([event]);
      return added;
    },
    removeTokenClient: (clientId, atMs, event) => {
      const removed = remove.run(atMs, clientId).changes === 1;
      if (removed) audit.appendAudit([event]);
      return removed;
    },
  };
}

function record(row: Row): TokenClientRecord {
  return {
    clientId: text(row, 'client_id'),
    registration:
      row['registration'] === null
        ? undefined
        : (JSON.parse(text(row, 'registration')) as NonNullable<TokenClientRecord['registration']>),
    atMs: number(row, 'at'),
  };
}
