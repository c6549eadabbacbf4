/** What takes two persons, and the settings accepted last. */
import type { Migration } from './migration.ts';

export const access: Migration = {
  version: 4,
  name: 'access',
  sql: `
  CREATE TABLE proposal (
    id TEXT PRIMARY KEY,
    operation TEXT NOT NULL,
    content TEXT NOT NULL,
    content_sha256 TEXT NOT NULL,
    what TEXT NOT NULL,
    roles TEXT NOT NULL,
    needed INTEGER NOT NULL CHECK (needed > 0),
    state TEXT NOT NULL,
    proposed_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX proposal_proposed_at ON proposal (proposed_at);

  -- One person, one consent, whatever the code above does.
  CREATE TABLE proposal_consent (
    proposal TEXT NOT NULL REFERENCES proposal (id) ON DELETE CASCADE,
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (proposal, person)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE accepted_settings (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    content TEXT NOT NULL,
    accepted_at INTEGER NOT NULL
  ) STRICT;
  `,
};
