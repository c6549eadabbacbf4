/** Version 9: partners. */
import type { Migration } from './migration.ts';

export const partners: Migration = {
  version: 9,
  name: 'partners',
  sql: `
  CREATE TABLE partner (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    reason TEXT,
    -- Routes, limits and contacts as JSON: read whole, never asked for by parts.
    terms TEXT NOT NULL,
    invited_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    -- Of which certificate it was told last that it ends, and how long before.
    told_serial TEXT,
    told_before INTEGER
  ) STRICT, WITHOUT ROWID;
  `,
};
