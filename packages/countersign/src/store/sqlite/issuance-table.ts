/** Intents and certificates: what is written while issuing. */
import type { DatabaseSync } from 'node:sqlite';

import type { Intent, IntentOutcome, IssuedCertificate, RecordOutcome } from '../../issuing/authority/index.ts';
import type { AuditEvent } from '../../runtime/audit/index.ts';
import type { AuditTable } from './audit-table.ts';
import { issuerIds } from './issuer-ids.ts';
import { bytes, octets } from './row.ts';
import type { TokenTable } from './token-table.ts';

export interface IssuanceTable {
  recordIntents(intents: readonly Intent[], events: readonly AuditEvent[]): IntentOutcome[];
  recordCertificates(certificates: readonly IssuedCertificate[], mostOfOneLineage: number): RecordOutcome[];
  /** One that an earlier life of the authority issued. */
  learnCertificate(certificate: IssuedCertificate, event: AuditEvent): RecordOutcome;
  latestIntentMs(): number | undefined;
}

export function issuanceTable(
  database: DatabaseSync,
  audit: AuditTable,
  tokens: Pick<TokenTable, 'useToken'>,
): IssuanceTable {
  const issuers = issuerIds(database);
  const insertIntent = database.prepare('INSERT INTO intent VALUES (?, ?, ?)');
  const dropIntent = database.prepare('DELETE FROM intent WHERE serial = ?');
  const taken = database.prepare('SELECT 1 FROM certificate WHERE serial = ?');
  const advance = database.prepare('UPDATE issuance SET latest_at = ? WHERE latest_at IS NULL OR latest_at < ?');
  const latest = database.prepare('SELECT latest_at FROM issuance');
  const revokedLine = database.prepare(
    "SELECT reason FROM revocation WHERE lineage = ? ORDER BY reason = 'certificateHold' LIMIT 1",
  );
  const compromisedKey = database.prepare('SELECT 1 FROM compromised_key WHERE key = ?');
  // Read of the index alone but for one row, where counting reads each certificate of the line: hardly any line is so long. The first is not in that index.
  const oldestThatCounts = database.prepare(`
    SELECT not_after FROM certificate WHERE sequence = (
      SELECT sequence FROM certificate WHERE lineage = ? AND lineage <> serial ORDER BY sequence DESC LIMIT 1 OFFSET ?)`);
  // The newest of the line by sequence, which is the index's own order: a long line of expired ones is not walked.
  const unexpiredOfLine = database.prepare(`
    SELECT count(*) AS unexpired FROM (
      SELECT not_after FROM (
        SELECT not_after FROM certificate WHERE lineage = :lineage AND lineage <> serial ORDER BY sequence DESC LIMIT :most)
      UNION ALL
      SELECT not_after FROM certificate WHERE serial = :lineage AND lineage = serial)
    WHERE not_after >= :time`);
  const sameKey = database.prepare(
    'SELECT lineage FROM certificate WHERE public_key = ? AND spiffe_id = ? ORDER BY sequence DESC LIMIT 1',
  );
  const identityRevoked = database.prepare(
    'SELECT revoked_at, not_before_until FROM revoked_identity WHERE identity = ?',
  );
  const tokenMade = database.prepare('SELECT created_at FROM token WHERE id = ?');
  const insertName = database.prepare('INSERT INTO certificate_name VALUES (?, ?)');
  const insertCertificate = database.prepare(`
    INSERT INTO certificate (serial, issuer, lineage, origin, profile, names, spiffe_id, public_key, not_before, not_after, issued_at, life, certificate)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);

  const isFull = (lineage: Uint8Array, most: number, nowMs: number): boolean => {
    // With the first, which is counted apart, there are `most` from this one on.
    const oldest = oldestThatCounts.get(lineage, Math.max(most - 2, 0))?.['not_after'];
    if (most > 1 && (oldest === undefined || Number(oldest) < nowMs)) return false;
    return Number(unexpiredOfLine.get({ lineage, most, time: nowMs })?.['unexpired']) >= most;
  };

  /** Who holds a token from before must not bring back what a person has just revoked. */
  const isOfEarlierToken = ({ spiffeId, origin }: IssuedCertificate): boolean => {
    const revokedAt = identityRevoked.get(spiffeId)?.['revoked_at'];
    if (revokedAt === undefined || !origin.startsWith('token:')) return false;
    const made = tokenMade.get(origin.slice('token:'.length))?.['created_at'];
    return made === undefined || Number(made) <= Number(revokedAt);
  };

  const recordCertificate = (c: IssuedCertificate, mostOfOneLineage: number): RecordOutcome => {
    const [serial, lineage, publicKey] = [octets(c.serialNumber), octets(c.lineage), octets(c.publicKeySha256)];
    // In the transaction that keeps it: a revocation is either seen here, or finds the certificate and revokes it, too.
    // A line that begins here has no other certificate, and nobody can have revoked it.
    const continues = c.lineage !== c.serialNumber;
    const line = continues ? revokedLine.get(lineage) : undefined;
    if (line !== undefined) return line['reason'] === 'certificateHold' ? 'lineage-held' : 'lineage-revoked';
    if (!continues && isOfEarlierToken(c)) return 'identity-revoked';
    if (compromisedKey.get(publicKey) !== undefined) return 'key-compromised';
    if (continues && isFull(lineage, mostOfOneLineage, c.issuedAtMs)) return 'lineage-full';
    // From here on the certificate itself is the record: of what was signed and when, and that its serial number is taken.
    if (dropIntent.run(serial).changes !== 1) throw new TypeError(`no intent was recorded for ${c.serialNumber}`);
    store(c, lineage);
    return 'recorded';
  };

  const store = (c: IssuedCertificate, lineage: Uint8Array): void => {
    const { lastInsertRowid: sequence } = insertCertificate.run(
      octets(c.serialNumber),
      issuers.idOf(c.issuerKey),
      lineage,
      c.origin,
      c.profile,
      JSON.stringify(c.names),
      c.spiffeId,
      octets(c.publicKeySha256),
      c.notBeforeMs,
      c.notAfterMs,
      c.issuedAtMs,
      c.lifeMs,
      c.certificate,
    );
    for (const name of new Set(c.names)) insertName.run(name, sequence);
  };

  const learnCertificate = (c: IssuedCertificate, event: AuditEvent): RecordOutcome => {
    const [serial, publicKey] = [octets(c.serialNumber), octets(c.publicKeySha256)];
    if (taken.get(serial) !== undefined) return 'recorded';
    const known = sameKey.get(publicKey, c.spiffeId);
    const lineage = known === undefined ? serial : bytes(known, 'lineage');
    // By its own serial number, too: a revocation that was handed back before this knows no line.
    if (revokedLine.get(lineage) !== undefined || revokedLine.get(serial) !== undefined) return 'lineage-revoked';
    if (compromisedKey.get(publicKey) !== undefined) return 'key-compromised';
    if (Number(identityRevoked.get(c.spiffeId)?.['not_before_until'] ?? -1) >= c.notBeforeMs) return 'lineage-revoked';
    audit.appendAudit([event]);
    store(c, lineage);
    return 'recorded';
  };

  const recordIntent = ({ serialNumber, recordedAtMs }: Intent, entry: number): void => {
    const serial = octets(serialNumber);
    if (taken.get(serial) !== undefined) throw new TypeError(`the serial number ${serialNumber} is taken`);
    insertIntent.run(serial, recordedAtMs, entry);
  };

  const recordIntents = (intents: readonly Intent[], events: readonly AuditEvent[]): void => {
    if (intents.length === 0) return;
    const first = audit.appendAudit(events).sequence - events.length + 1;
    for (const [index, intent] of intents.entries()) recordIntent(intent, first + index);
    const latestMs = Math.max(...intents.map(({ recordedAtMs }) => recordedAtMs));
    advance.run(latestMs, latestMs);
  };

  return {
    learnCertificate,
    recordIntents: (intents, events) => {
      if (events.length !== intents.length) throw new TypeError('one event an intent');
      const outcomes = intents.map(({ token, recordedAtMs }) =>
        token === undefined ? 'recorded' : tokens.useToken(token, recordedAtMs),
      );
      const isRecorded = (_: unknown, index: number): boolean => outcomes[index] === 'recorded';
      recordIntents(intents.filter(isRecorded), events.filter(isRecorded));
      return outcomes;
    },
    recordCertificates: (certificates, mostOfOneLineage) =>
      certificates.map((certificate) => recordCertificate(certificate, mostOfOneLineage)),
    latestIntentMs: () => {
      const value = latest.get()?.['latest_at'];
      return typeof value === 'number' ? value : undefined;
    },
  };
}
