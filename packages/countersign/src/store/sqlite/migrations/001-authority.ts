/** Version 1: intents, certificates, tokens, the feed with its revocations, endpoints. */
import type { Migration } from './migration.ts';

export const authority: Migration = {
  version: 1,
  name: 'authority',
  sql: `
  CREATE TABLE ledger (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    id TEXT NOT NULL
  ) STRICT;

  CREATE TABLE intent (
    serial TEXT PRIMARY KEY,
    issuer_key TEXT NOT NULL,
    origin TEXT NOT NULL,
    to_be_signed_sha256 TEXT NOT NULL,
    recorded_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX intent_recorded_at ON intent (recorded_at);

  CREATE TABLE certificate (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    serial TEXT NOT NULL UNIQUE REFERENCES intent (serial),
    issuer_key TEXT NOT NULL,
    lineage TEXT NOT NULL,
    origin TEXT NOT NULL,
    profile TEXT NOT NULL,
    names TEXT NOT NULL,
    spiffe_id TEXT NOT NULL,
    public_key_sha256 TEXT NOT NULL,
    not_before INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    issued_at INTEGER NOT NULL,
    life INTEGER NOT NULL,
    certificate BLOB NOT NULL
  ) STRICT;
  CREATE INDEX certificate_lineage ON certificate (lineage);
  CREATE INDEX certificate_public_key ON certificate (public_key_sha256);
  CREATE INDEX certificate_origin ON certificate (origin);
  -- One token, one certificate, whatever the code above does.
  CREATE UNIQUE INDEX certificate_token ON certificate (origin) WHERE origin GLOB 'token:*';

  CREATE TABLE certificate_name (
    name TEXT NOT NULL,
    serial TEXT NOT NULL REFERENCES certificate (serial),
    PRIMARY KEY (name, serial)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE token (
    id TEXT PRIMARY KEY,
    secret_sha256 BLOB NOT NULL,
    names TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    certificate_life INTEGER,
    claimed_by TEXT,
    claimed_at INTEGER,
    CHECK ((claimed_by IS NULL) = (claimed_at IS NULL))
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE feed (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    number INTEGER NOT NULL,
    latest_at INTEGER NOT NULL,
    bundle TEXT
  ) STRICT;
  INSERT INTO feed VALUES (1, 0, 0, NULL);

  CREATE TABLE feed_change (
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    bundle TEXT
  ) STRICT;

  CREATE TABLE revocation (
    issuer_key TEXT NOT NULL,
    serial TEXT NOT NULL,
    lineage TEXT NOT NULL,
    public_key_sha256 TEXT NOT NULL,
    not_after INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    number INTEGER NOT NULL REFERENCES feed_change (number),
    PRIMARY KEY (issuer_key, serial)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX revocation_lineage ON revocation (lineage);
  CREATE INDEX revocation_public_key ON revocation (public_key_sha256);
  CREATE INDEX revocation_number ON revocation (number);
  CREATE INDEX revocation_not_after ON revocation (not_after);

  CREATE TABLE endpoint (
    spiffe_id TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    serial TEXT NOT NULL,
    acknowledged INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    subscribed INTEGER NOT NULL,
    PRIMARY KEY (spiffe_id, endpoint)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE endpoint_touch (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    at INTEGER NOT NULL
  ) STRICT;
  INSERT INTO endpoint_touch VALUES (1, 0);
  `,
};
