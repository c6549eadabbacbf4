/** Version 8: revocations that are wider than one certificate, holds that ended, and what an endpoint does when its lease has ended. */
import type { Migration } from './migration.ts';

export const widerRevocation: Migration = {
  version: 8,
  name: 'wider-revocation',
  sql: `
  CREATE TABLE revoked_identity (
    identity TEXT PRIMARY KEY,
    -- The latest notBefore of what it concerns.
    not_before_until INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    number INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE revoked_issuer (
    issuer INTEGER PRIMARY KEY REFERENCES issuer (id),
    revoked_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    number INTEGER NOT NULL
  ) STRICT;

  -- A certificate that was held and is not any more: told for as long as it has not expired, so that who missed the change learns of it.
  CREATE TABLE released (
    issuer INTEGER NOT NULL REFERENCES issuer (id),
    serial BLOB NOT NULL,
    not_after INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (issuer, serial)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX released_number ON released (number);
  CREATE INDEX released_not_after ON released (not_after);

  ALTER TABLE endpoint ADD COLUMN after_lease TEXT NOT NULL DEFAULT 'refuse';
  `,
};
