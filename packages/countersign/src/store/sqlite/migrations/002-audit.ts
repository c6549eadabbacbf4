/** Version 2: the audit log, which now holds what an intent said of the certificate beside its serial number. */
import type { Migration } from './migration.ts';

export const audit: Migration = {
  version: 2,
  name: 'audit',
  sql: `
  -- AUTOINCREMENT: a number is given once, so that a removed end of the log stays a gap.
  CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    action TEXT NOT NULL,
    facts TEXT NOT NULL,
    personal TEXT NOT NULL,
    previous BLOB NOT NULL,
    hash BLOB NOT NULL
  ) STRICT;

  -- Against mistakes in this program; who can write the file can also remove them, and meets the chain and its witnesses.
  CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'entries of the audit log are kept'); END;
  CREATE TRIGGER audit_is_fixed BEFORE UPDATE OF sequence, at, action, facts, previous, hash ON audit
    BEGIN SELECT RAISE(ABORT, 'of an entry of the audit log, only personal values can be erased'); END;

  ALTER TABLE intent DROP COLUMN issuer_key;
  ALTER TABLE intent DROP COLUMN origin;
  ALTER TABLE intent DROP COLUMN to_be_signed_sha256;
  -- The number of the entry; none for those of version 1.
  ALTER TABLE intent ADD COLUMN audit INTEGER;
  `,
};
