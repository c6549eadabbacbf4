/** Version 6: what the authority asks of its own health: counting by expiry without reading every row, a place to try writing, and when it was last backed up. */
import type { Migration } from './migration.ts';

export const vitals: Migration = {
  version: 6,
  name: 'vitals',
  sql: `
  CREATE INDEX IF NOT EXISTS certificate_not_after ON certificate (not_after);
  CREATE TABLE vital (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    written_at INTEGER NOT NULL,
    -- When the latest copy for a backup was taken.
    backed_up_at INTEGER
  ) STRICT;
  INSERT INTO vital (only, written_at) VALUES (1, 0);
  `,
};
