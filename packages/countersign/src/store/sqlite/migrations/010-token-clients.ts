/** Version 10: clients of the token issuer. */
import type { Migration } from './migration.ts';

export const tokenClients: Migration = {
  version: 10,
  name: 'token clients',
  sql: `
  CREATE TABLE token_client (
    client_id TEXT PRIMARY KEY,
    -- Client metadata as JSON; NULL of one that was removed, whose tokens of before must not count.
    registration TEXT,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
};
