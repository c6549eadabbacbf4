/** Enrolment tokens and their first use. */
import type { DatabaseSync } from 'node:sqlite';

import type { IntentOutcome, TokenUse } from '../../issuing/authority/index.ts';
import type { TokenRecord } from '../../issuing/enrollment-server/index.ts';
import type { AuditEvent } from '../../runtime/audit/index.ts';
import type { AuditTable } from './audit-table.ts';
import { bytes, number, type Row, text } from './row.ts';

export interface TokenTable {
  addTokens(tokens: readonly TokenRecord[], events: readonly AuditEvent[]): void;
  findTokens(ids: readonly string[]): (TokenRecord | undefined)[];
  /** Binds a token to its first use; answers an earlier one, under which nothing was changed. */
  readonly useToken: (token: TokenUse, atMs: number) => IntentOutcome;
}

export function tokenTable(database: DatabaseSync, audit: AuditTable): TokenTable {
  const insert = database.prepare(
    'INSERT INTO token (id, secret_sha256, names, profile, created_at, expires_at, certificate_life) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const select = database.prepare('SELECT * FROM token WHERE id = ?');
  const claim = database.prepare('UPDATE token SET claimed_by = ?, claimed_at = ? WHERE id = ? AND claimed_by IS NULL');

  return {
    addTokens: (tokens, events) => {
      audit.appendAudit(events);
      for (const t of tokens) {
        insert.run(
          t.id,
          t.secretSha256,
          JSON.stringify(t.names),
          t.profile,
          t.createdAtMs,
          t.expiresAtMs,
          t.certificateLifeMs ?? null,
        );
      }
    },
    findTokens: (ids) => ids.map((id) => record(select.get(id))),
    useToken: ({ id, publicKeySha256 }, atMs) => {
      if (claim.run(publicKeySha256, atMs, id).changes === 1) return 'recorded';
      return record(select.get(id))?.claim ?? 'unknown-token';
    },
  };
}

function record(row: Row | undefined): TokenRecord | undefined {
  if (row === undefined) return undefined;
  return {
    id: text(row, 'id'),
    secretSha256: bytes(row, 'secret_sha256'),
    names: JSON.parse(text(row, 'names')) as string[],
    profile: text(row, 'profile'),
    createdAtMs: number(row, 'created_at'),
    expiresAtMs: number(row, 'expires_at'),
    certificateLifeMs: row['certificate_life'] === null ? undefined : number(row, 'certificate_life'),
    claim:
      row['claimed_by'] === null
        ? undefined
        : { publicKeySha256: text(row, 'claimed_by'), atMs: number(row, 'claimed_at') },
  };
}
