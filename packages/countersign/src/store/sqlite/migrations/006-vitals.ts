/** Version 6: what the authority asks of its own health: counting by expiry without reading every row, and a place to try writing. */
import type { Migration } from './migration.ts';

export const vitals: Migration = {
  version: 6,
  name: 'vitals',
  sql: `
  CREATE INDEX IF NOT EXISTS certificate_not_after ON certificate (not_after);
  CREATE TABLE vital (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    written_at INTEGER NOT NULL
  ) STRICT;
  INSERT INTO vital VALUES (1, 0);
  `,
};
