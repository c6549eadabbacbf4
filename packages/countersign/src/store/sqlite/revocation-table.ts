/** Revocations, and the feed's number, which changes in the same transaction. */
import type { DatabaseSync } from 'node:sqlite';

import type { FeedBundle, RevocationReason, RevokedEntry, RevokedScope } from '../../identity/revocation/index.ts';
import type {
  FeedChange,
  FeedState,
  ReleaseResult,
  RevocationOrder,
  RevocationPreview,
  RevocationResult,
} from '../../issuing/server/index.ts';
import type { AuditEvent } from '../../runtime/audit/index.ts';
import type { AuditTable } from './audit-table.ts';
import { issuerIds } from './issuer-ids.ts';
import { ofLine } from './of-line.ts';
import { scopeTable } from './scope-table.ts';
import { bytes, hex, number, octets, octetsIfAny, type Row, serial, text } from './row.ts';

export interface RevocationTable {
  revoke(order: RevocationOrder, event: AuditEvent): RevocationResult | undefined;
  /** @param entries of an earlier life of the authority, believed */
  relearnRevocations(
    entries: readonly RevokedEntry[],
    atMs: number,
    event: AuditEvent,
    scopes?: readonly RevokedScope[],
  ): FeedChange | undefined;
  previewRevocation(order: RevocationOrder): RevocationPreview;
  release(order: { readonly serialNumber: string; readonly atMs: number }, event: AuditEvent): ReleaseResult;
  feedState(nowMs: number): FeedState;
  changesAfter(after: number, limit: number): FeedChange[] | undefined;
  establishBundle(bundle: Omit<FeedBundle, 'sequence'>, atMs: number): FeedChange | undefined;
}

interface Feed {
  readonly number: number;
  readonly latestMs: number;
  readonly bundle?: FeedBundle | undefined;
}

/** An endpoint's clock may be behind by as much as first contact allows (5 minutes), so that it takes for valid what has expired here. */
const clockToleranceMs = 5 * 60_000;

const entries = 'SELECT r.*, i.key AS issuer_key FROM revocation r JOIN issuer i ON i.id = r.issuer';

export function revocationTable(database: DatabaseSync, audit: AuditTable): RevocationTable {
  // A heartbeat's time is kept with the touch of the endpoints that heard it.
  const selectFeed = database.prepare(
    'SELECT number, max(latest_at, (SELECT at FROM endpoint_touch)) AS latest_at, bundle FROM feed',
  );
  const updateFeed = database.prepare('UPDATE feed SET number = ?, latest_at = ?, bundle = coalesce(?, bundle)');
  const insertChange = database.prepare('INSERT INTO feed_change VALUES (?, ?, ?)');
  const insertRevocation = database.prepare('INSERT OR REPLACE INTO revocation VALUES (?, ?, ?, ?, ?, ?, ?)');
  const insertCompromised = database.prepare('INSERT OR IGNORE INTO compromised_key VALUES (?)');
  const selectRevocation = database.prepare('SELECT number, reason FROM revocation WHERE issuer = ? AND serial = ?');
  // What had expired when it was revoked is of no use to anybody but for being renewed, which the line's revocation ends: nobody needs to hear of it.
  const ofNumber = database.prepare(`${entries} WHERE r.number = ? AND r.not_after >= ? ORDER BY r.serial`);
  const unexpired = database.prepare(`${entries} WHERE r.not_after >= ? ORDER BY r.number, r.serial`);
  const changes = database.prepare('SELECT * FROM feed_change WHERE number > ? ORDER BY number LIMIT ?');
  const dropRevocation = database.prepare('DELETE FROM revocation WHERE issuer = ? AND serial = ?');
  const revokedIssuer = database.prepare('SELECT 1 FROM revoked_issuer WHERE issuer = ?');
  const ofIssuer = database.prepare(`
    SELECT count(*) AS certificates, count(DISTINCT c.spiffe_id) AS identities FROM certificate c
    WHERE c.issuer = ? AND c.not_after >= ?
      AND NOT EXISTS (SELECT 1 FROM revocation r WHERE r.issuer = c.issuer AND r.serial = c.serial)`);
  const concerned = concernedCertificates(database);
  const issuers = issuerIds(database);
  const scopes = scopeTable(database);

  const feed = (): Feed => {
    const row = selectFeed.get();
    if (row === undefined) throw new TypeError('the feed has no row');
    return { number: number(row, 'number'), latestMs: number(row, 'latest_at'), bundle: bundleOf(row) };
  };
  const nextNumber = (atMs: number, bundle: string | null): { number: number; atMs: number } => {
    const { number: before, latestMs } = feed();
    const next = { number: before + 1, atMs: Math.max(atMs, latestMs) };
    updateFeed.run(next.number, next.atMs, bundle);
    insertChange.run(next.number, next.atMs, bundle);
    return next;
  };

  const isOfRevokedIssuer = (row: Row): boolean => revokedIssuer.get(number(row, 'issuer')) !== undefined;
  const isKnown = ({ issuerKey, serialNumber, reason }: RevokedEntry): boolean => {
    const issuer = issuers.find(issuerKey);
    const known = issuer === undefined ? undefined : selectRevocation.get(issuer, octets(serialNumber));
    return known !== undefined && (reason === 'certificateHold' || !isHeld(known));
  };
  const insertOnce = (row: Row, { revokedAt, reason }: RevokedEntry, change: number): boolean => {
    const [issuer, own] = [number(row, 'issuer'), bytes(row, 'serial')];
    const known = selectRevocation.get(issuer, own);
    if (known !== undefined && (reason === 'certificateHold' || !isHeld(known))) return false;
    insertRevocation.run(issuer, own, bytes(row, 'lineage'), number(row, 'not_after'), revokedAt, reason, change);
    scopes.forgetRelease(issuer, own);
    return true;
  };
  const knownOf = (row: Row): Row | undefined => selectRevocation.get(number(row, 'issuer'), bytes(row, 'serial'));
  /** What the order changes: what is not revoked, and what is held where it revokes for good. */
  const freshOf = (certificates: readonly Row[], { reason }: RevocationOrder): readonly Row[] =>
    certificates.filter((row) => {
      const known = knownOf(row);
      return known === undefined || (isHeld(known) && reason !== 'certificateHold');
    });
  const changeOf = (change: { number: number; atMs: number }): FeedChange => ({
    ...change,
    revoked: ofNumber.all(change.number, change.atMs - clockToleranceMs).map(entry),
    ...scopes.ofNumber(change.number),
  });
  /** Nothing is known of its line: it is its own, which it will continue where it is learned of. */
  const insertUnknown = (lost: RevokedEntry, change: number): boolean => {
    const own = octets(lost.serialNumber);
    const { issuerKey, expiresAt, revokedAt, reason } = lost;
    insertRevocation.run(issuers.idOf(issuerKey), own, own, expiresAt, revokedAt, reason, change);
    return true;
  };

  return {
    revoke: (order, event) => {
      const { scope } = order;
      const certificates = concerned(order);
      if (certificates.length === 0 && scope === undefined) return undefined;
      const serialNumbers = certificates.map((row) => serial(row, 'serial'));
      const known = certificates.map(knownOf);
      const fresh = freshOf(certificates, order);
      const scopeNumber = scope === undefined ? 0 : scopes.numberOf(scope);
      // Also for what was revoked before for another reason: the key is out now.
      if (order.reason === 'keyCompromise')
        for (const row of certificates) insertCompromised.run(bytes(row, 'public_key'));
      if (fresh.length === 0 && scopeNumber !== undefined) {
        const numbers = known.map((row) => (row === undefined ? 0 : number(row, 'number')));
        return { serialNumbers, number: Math.max(scopeNumber, ...numbers) };
      }
      const change = nextNumber(order.atMs, null);
      const serials = fresh.map((row) => serial(row, 'serial'));
      audit.appendAudit([{ ...event, facts: { ...event.facts, serials, number: change.number } }]);
      for (const row of fresh) {
        const [issuer, own] = [number(row, 'issuer'), bytes(row, 'serial')];
        const [lineage, notAfter] = [bytes(row, 'lineage'), number(row, 'not_after')];
        insertRevocation.run(issuer, own, lineage, notAfter, order.atMs, order.reason, change.number);
        scopes.forgetRelease(issuer, own);
      }
      if (scope !== undefined) scopes.insert(scope, change.number);
      return { serialNumbers, number: change.number, change: changeOf(change) };
    },
    previewRevocation: (order) => {
      if (order.scope?.kind !== 'issuer') {
        const fresh = freshOf(concerned(order), order);
        return { certificates: fresh.length, identities: new Set(fresh.map((row) => text(row, 'spiffe_id'))).size };
      }
      const issuer = issuers.find(order.scope.issuerKey);
      const row = issuer === undefined ? undefined : ofIssuer.get(issuer, order.atMs);
      if (row === undefined) return { certificates: 0, identities: 0 };
      return { certificates: number(row, 'certificates'), identities: number(row, 'identities') };
    },
    release: ({ serialNumber, atMs }, event) => {
      const line = concerned({ serialNumber, reason: 'certificateHold', atMs, usefulSinceMs: 0 });
      const known = line.map(knownOf).filter((row) => row !== undefined);
      if (known.some((row) => !isHeld(row)) || line.some(isOfRevokedIssuer)) return { outcome: 'revoked' };
      const held = line.filter((row) => knownOf(row) !== undefined);
      if (held.length === 0) return { outcome: 'not-held' };
      const change = nextNumber(atMs, null);
      const serials = held.map((row) => serial(row, 'serial'));
      audit.appendAudit([{ ...event, facts: { ...event.facts, serials, number: change.number } }]);
      for (const row of held) {
        dropRevocation.run(number(row, 'issuer'), bytes(row, 'serial'));
        scopes.release(row, change.number);
      }
      return { outcome: 'released', serialNumbers: serials, change: changeOf(change) };
    },
    relearnRevocations: (entriesOfBefore, atMs, event, scopesOfBefore = []) => {
      const unknown = entriesOfBefore.filter((entryOfBefore) => !isKnown(entryOfBefore));
      const unknownScopes = scopesOfBefore.filter((scope) => scopes.numberOf(scope) === undefined);
      if (unknown.length === 0 && unknownScopes.length === 0) return undefined;
      const change = nextNumber(atMs, null);
      const serials: string[] = [];
      for (const lost of unknown) {
        const { serialNumber, reason } = lost;
        const certificates = concerned({ serialNumber, reason, atMs, usefulSinceMs: 0 });
        // With its line and its relatives where it is on record; alone where it was issued in the time that was lost.
        for (const row of certificates) if (insertOnce(row, lost, change.number)) serials.push(serial(row, 'serial'));
        if (reason === 'keyCompromise') for (const row of certificates) insertCompromised.run(bytes(row, 'public_key'));
        if (certificates.length === 0 && insertUnknown(lost, change.number)) serials.push(serialNumber);
      }
      for (const scope of unknownScopes) scopes.insert(scope, change.number);
      audit.appendAudit([{ ...event, facts: { ...event.facts, serials, number: change.number } }]);
      return changeOf(change);
    },
    feedState: (nowMs) => ({
      ...feed(),
      revoked: unexpired.all(nowMs - clockToleranceMs).map(entry),
      ...scopes.unexpired(nowMs - clockToleranceMs),
    }),
    changesAfter: (after, limit) => {
      const rows = changes.all(after, limit + 1);
      const complete = rows.length <= limit && rows.length === feed().number - after;
      if (!complete) return undefined;
      return rows.map((row) => ({
        number: number(row, 'number'),
        atMs: number(row, 'at'),
        revoked: ofNumber.all(number(row, 'number'), number(row, 'at') - clockToleranceMs).map(entry),
        ...scopes.ofNumber(number(row, 'number')),
        bundle: bundleOf(row),
      }));
    },
    establishBundle: (bundle, atMs) => {
      const { bundle: last } = feed();
      if (last === undefined) {
        // The first bundle is part of the first state: nobody has followed yet, so there is no change to tell.
        updateFeed.run(feed().number, feed().latestMs, JSON.stringify({ ...bundle, sequence: 1 }));
        return undefined;
      }
      const next = { ...bundle, sequence: last.sequence + 1 };
      if (JSON.stringify(withoutSequence(last)) === JSON.stringify(withoutSequence(next))) return undefined;
      return { ...nextNumber(atMs, JSON.stringify(next)), revoked: [], bundle: next };
    },
  };
}

/**
 * The certificates that an order concerns, as far as they are of use: those named, with all of their lines of renewals and those of the same identity
 * and key. With the reason keyCompromise those of the same key under any identity, too; not otherwise, or who gets hold of another's certification
 * request could have that other revoked with himself.
 */
function concernedCertificates(database: DatabaseSync): (order: RevocationOrder) => Row[] {
  const bySerial = database.prepare('SELECT * FROM certificate WHERE serial = ?');
  const byName = database.prepare(`
    SELECT c.* FROM certificate_name n JOIN certificate c ON c.sequence = n.sequence
    WHERE n.name = ? AND c.not_after >= ? AND c.profile NOT IN ('authority-server', 'feed-signing', 'ocsp-signing')`);
  // UNION, not UNION ALL: it ends because no line is taken twice.
  const relatives = database.prepare(`
    WITH RECURSIVE line (lineage) AS (
      SELECT lineage FROM certificate WHERE serial = :serial
      UNION
      SELECT other.lineage FROM line
        JOIN certificate mine ON ${ofLine('mine', 'line.lineage')}
        JOIN certificate other ON other.public_key = mine.public_key AND (other.spiffe_id = mine.spiffe_id OR :anyIdentity)
    )
    SELECT c.* FROM line JOIN certificate c ON ${ofLine('c', 'line.lineage')}
    WHERE c.not_after >= :since OR c.serial = :serial
    ORDER BY c.sequence`);

  const ofSerial = (serialNumber: string): Row[] => {
    const value = octetsIfAny(serialNumber);
    return value === undefined ? [] : bySerial.all(value);
  };

  return ({ serialNumber, name, scope, usefulSinceMs, reason }) => {
    if (scope?.kind === 'issuer') return [];
    const anyIdentity = reason === 'keyCompromise' ? 1 : 0;
    const named = serialNumber === undefined ? byName.all(name ?? '', usefulSinceMs) : ofSerial(serialNumber);
    const found = new Map<string, Row>();
    for (const seed of named) {
      // Found as another's relative: its own relatives are then the same ones.
      if (found.has(hex(seed, 'serial'))) continue;
      const own = bytes(seed, 'serial');
      for (const row of relatives.all({ serial: own, anyIdentity, since: usefulSinceMs }))
        found.set(hex(row, 'serial'), row);
    }
    return [...found.values()];
  };
}

function isHeld(revocation: Row): boolean {
  return revocation['reason'] === 'certificateHold';
}

function entry(row: Row): RevokedEntry {
  return {
    issuerKey: hex(row, 'issuer_key'),
    serialNumber: serial(row, 'serial'),
    revokedAt: number(row, 'revoked_at'),
    expiresAt: number(row, 'not_after'),
    reason: text(row, 'reason') as RevocationReason,
  };
}

function bundleOf(row: Row): FeedBundle | undefined {
  return row['bundle'] === null ? undefined : (JSON.parse(text(row, 'bundle')) as FeedBundle);
}

function withoutSequence({
  trustDomain,
  anchors,
  intermediates,
}: Omit<FeedBundle, 'sequence'>): Omit<FeedBundle, 'sequence'> {
  return { trustDomain, anchors, intermediates };
}
