/** Revocations that are wider than one certificate, and holds that ended: what the feed's changes and states say of them. */
import type { DatabaseSync } from 'node:sqlite';

import type {
  ReleasedEntry,
  RevocationReason,
  RevokedIdentity,
  RevokedIssuer,
  RevokedScope,
} from '../../identity/revocation/index.ts';
import { issuerIds } from './issuer-ids.ts';
import { bytes, hex, number, type Row, serial, text } from './row.ts';

export interface ScopeTable {
  /** Whether it is new, or reaches further than what was known. */
  insert(scope: RevokedScope, change: number): boolean;
  /** Whether it is on record, reaching as far. */
  numberOf(scope: RevokedScope): number | undefined;
  release(row: Row, change: number): void;
  /** It is revoked or held again. */
  forgetRelease(issuer: number, serialNumber: Uint8Array): void;
  ofNumber(change: number): Wider;
  unexpired(sinceMs: number): Wider;
}

/** Neither member where there is none. */
export interface Wider {
  readonly scopes?: readonly RevokedScope[];
  readonly released?: readonly ReleasedEntry[];
}

export function scopeTable(database: DatabaseSync): ScopeTable {
  const issuers = issuerIds(database);
  const identity = database.prepare('SELECT * FROM revoked_identity WHERE identity = ?');
  const issuer = database.prepare('SELECT * FROM revoked_issuer WHERE issuer = ?');
  const putIdentity = database.prepare('INSERT OR REPLACE INTO revoked_identity VALUES (?, ?, ?, ?, ?, ?)');
  const putIssuer = database.prepare('INSERT OR REPLACE INTO revoked_issuer VALUES (?, ?, ?, ?, ?)');
  const putReleased = database.prepare('INSERT OR REPLACE INTO released VALUES (?, ?, ?, ?)');
  const dropReleased = database.prepare('DELETE FROM released WHERE issuer = ? AND serial = ?');
  const withKey = 'SELECT r.*, i.key AS issuer_key FROM';
  const select = (where: string): ((value: number) => Wider) => {
    const identities = database.prepare(`SELECT * FROM revoked_identity WHERE ${where.replace('?e', 'expires_at')}`);
    const keys = database.prepare(
      `${withKey} revoked_issuer r JOIN issuer i ON i.id = r.issuer WHERE ${where.replace('?e', 'expires_at')}`,
    );
    const released = database.prepare(
      `${withKey} released r JOIN issuer i ON i.id = r.issuer WHERE ${where.replace('?e', 'not_after')} ORDER BY r.serial`,
    );
    return (value) =>
      wider([...identities.all(value).map(identityOf), ...keys.all(value).map(issuerOf)], released.all(value));
  };
  const numberOf = (scope: RevokedScope): number | undefined => {
    if (scope.kind === 'identity') {
      const row = identity.get(scope.identity);
      return row !== undefined && number(row, 'not_before_until') >= scope.notBeforeUntil
        ? number(row, 'number')
        : undefined;
    }
    const id = issuers.find(scope.issuerKey);
    const row = id === undefined ? undefined : issuer.get(id);
    return row === undefined ? undefined : number(row, 'number');
  };

  return {
    numberOf,
    insert: (scope, change) => {
      if (numberOf(scope) !== undefined) return false;
      const { revokedAt, expiresAt, reason } = scope;
      if (scope.kind === 'identity')
        putIdentity.run(scope.identity, scope.notBeforeUntil, revokedAt, expiresAt, reason, change);
      else putIssuer.run(issuers.idOf(scope.issuerKey), revokedAt, expiresAt, reason, change);
      return true;
    },
    release: (row, change) => {
      putReleased.run(number(row, 'issuer'), bytes(row, 'serial'), number(row, 'not_after'), change);
    },
    forgetRelease: (id, serialNumber) => {
      dropReleased.run(id, serialNumber);
    },
    ofNumber: select('number = ?'),
    unexpired: select('?e >= ?'),
  };
}

function wider(scopes: readonly RevokedScope[], released: readonly Row[]): Wider {
  return {
    ...(scopes.length === 0 ? {} : { scopes }),
    ...(released.length === 0 ? {} : { released: released.map(releasedOf) }),
  };
}

function identityOf(row: Row): RevokedIdentity {
  return {
    kind: 'identity',
    identity: text(row, 'identity'),
    notBeforeUntil: number(row, 'not_before_until'),
    ...common(row),
  };
}

function issuerOf(row: Row): RevokedIssuer {
  return { kind: 'issuer', issuerKey: hex(row, 'issuer_key'), ...common(row) };
}

function common(row: Row): Pick<RevokedScope, 'revokedAt' | 'expiresAt' | 'reason'> {
  return {
    revokedAt: number(row, 'revoked_at'),
    expiresAt: number(row, 'expires_at'),
    reason: text(row, 'reason') as RevocationReason,
  };
}

function releasedOf(row: Row): ReleasedEntry {
  return {
    issuerKey: hex(row, 'issuer_key'),
    serialNumber: serial(row, 'serial'),
    expiresAt: number(row, 'not_after'),
  };
}
