/**
 * Version 5: what a certificate costs on disk. Serial numbers and hashes are kept as octets, an intent until its certificate is kept, names by
 * sequence; each index is one that a question needs. Everything has a time by which it can be tidied.
 */
import type { Migration } from './migration.ts';

export const compact: Migration = {
  version: 5,
  name: 'compact',
  sql: `
  CREATE TABLE issuer (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE
  ) STRICT;
  INSERT INTO issuer (key) SELECT DISTINCT unhex(issuer_key) FROM (
    SELECT issuer_key FROM certificate UNION SELECT issuer_key FROM revocation);

  -- Intents go when their certificates are kept, so the latest time of any stands by itself.
  CREATE TABLE issuance (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    latest_at INTEGER
  ) STRICT;
  INSERT INTO issuance SELECT 1, max(recorded_at) FROM intent;

  CREATE TABLE intent_5 (
    serial BLOB PRIMARY KEY,
    recorded_at INTEGER NOT NULL,
    audit INTEGER
  ) STRICT, WITHOUT ROWID;
  INSERT INTO intent_5
    SELECT unhex(i.serial), i.recorded_at, i.audit FROM intent i
    WHERE NOT EXISTS (SELECT 1 FROM certificate c WHERE c.serial = i.serial);

  CREATE TABLE certificate_5 (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    serial BLOB NOT NULL UNIQUE,
    issuer INTEGER NOT NULL REFERENCES issuer (id),
    lineage BLOB NOT NULL,
    origin TEXT NOT NULL,
    profile TEXT NOT NULL,
    names TEXT NOT NULL,
    spiffe_id TEXT NOT NULL,
    public_key BLOB NOT NULL,
    not_before INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    issued_at INTEGER NOT NULL,
    life INTEGER NOT NULL,
    certificate BLOB NOT NULL
  ) STRICT;
  INSERT INTO certificate_5
    SELECT c.sequence, unhex(c.serial), n.id, unhex(c.lineage), c.origin, c.profile, c.names, c.spiffe_id, unhex(c.public_key_sha256),
      c.not_before, c.not_after, c.issued_at, c.life, c.certificate
    FROM certificate c JOIN issuer n ON n.key = unhex(c.issuer_key) ORDER BY c.sequence;

  CREATE TABLE certificate_name_5 (
    name TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (name, sequence)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO certificate_name_5
    SELECT n.name, c.sequence FROM certificate_name n JOIN certificate c ON c.serial = n.serial ORDER BY n.name, c.sequence;

  -- A key that was made public stays public: kept for ever, and small.
  CREATE TABLE compromised_key (
    key BLOB PRIMARY KEY
  ) STRICT, WITHOUT ROWID;
  INSERT INTO compromised_key SELECT DISTINCT unhex(public_key_sha256) FROM revocation WHERE reason = 'keyCompromise';

  CREATE TABLE revocation_5 (
    issuer INTEGER NOT NULL REFERENCES issuer (id),
    serial BLOB NOT NULL,
    lineage BLOB NOT NULL,
    not_after INTEGER NOT NULL,
    revoked_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (issuer, serial)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO revocation_5
    SELECT n.id, unhex(r.serial), unhex(r.lineage), r.not_after, r.revoked_at, r.reason, r.number
    FROM revocation r JOIN issuer n ON n.key = unhex(r.issuer_key);

  -- Each time the database was restored from a backup: the number of the feed from which on it is another life of the authority.
  CREATE TABLE epoch (
    first_number INTEGER PRIMARY KEY,
    backup_at INTEGER NOT NULL,
    restored_at INTEGER NOT NULL
  ) STRICT;

  DROP TABLE certificate_name;
  DROP TABLE certificate;
  DROP TABLE intent;
  DROP TABLE revocation;
  ALTER TABLE intent_5 RENAME TO intent;
  ALTER TABLE certificate_5 RENAME TO certificate;
  ALTER TABLE certificate_name_5 RENAME TO certificate_name;
  ALTER TABLE revocation_5 RENAME TO revocation;

  -- Most lines are one certificate long, which is found by its serial number: only those that continue a line are worth an entry.
  CREATE INDEX certificate_lineage ON certificate (lineage) WHERE lineage <> serial;
  CREATE INDEX certificate_public_key ON certificate (public_key);
  CREATE INDEX certificate_not_after ON certificate (not_after);
  -- One token, one certificate, whatever the code above does.
  CREATE UNIQUE INDEX certificate_token ON certificate (origin) WHERE origin GLOB 'token:*';
  CREATE INDEX revocation_lineage ON revocation (lineage);
  CREATE INDEX revocation_number ON revocation (number);
  CREATE INDEX revocation_not_after ON revocation (not_after);
  CREATE INDEX token_expires_at ON token (expires_at);
  `,
};
