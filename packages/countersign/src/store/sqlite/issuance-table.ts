/** Intents and certificates: what is written while issuing. */
import type { DatabaseSync } from 'node:sqlite';

import type { Intent, IssuedCertificate, RecordOutcome } from '../../issuing/authority/index.ts';
import type { AuditEvent } from '../../runtime/audit/index.ts';
import type { AuditTable } from './audit-table.ts';

export interface IssuanceTable {
  recordIntents(intents: readonly Intent[], events: readonly AuditEvent[]): void;
  recordCertificates(certificates: readonly IssuedCertificate[], mostOfOneLineage: number): RecordOutcome[];
  latestIntentMs(): number | undefined;
}

export function issuanceTable(database: DatabaseSync, audit: AuditTable): IssuanceTable {
  const insertIntent = database.prepare('INSERT INTO intent (serial, recorded_at, audit) VALUES (?, ?, ?)');
  const latest = database.prepare('SELECT max(recorded_at) AS latest FROM intent');
  const revokedLine = database.prepare('SELECT 1 FROM revocation WHERE lineage = ? LIMIT 1');
  const compromisedKey = database.prepare(
    "SELECT 1 FROM revocation WHERE public_key_sha256 = ? AND reason = 'keyCompromise' LIMIT 1",
  );
  // The newest of the line by sequence, which is the index's own order: a long line of expired ones is not walked.
  const unexpiredOfLine = database.prepare(`
    SELECT count(*) AS unexpired FROM (SELECT not_after FROM certificate WHERE lineage = ? ORDER BY sequence DESC LIMIT ?)
    WHERE not_after >= ?`);
  const insertName = database.prepare('INSERT INTO certificate_name VALUES (?, ?)');
  const insertCertificate = database.prepare(`
    INSERT INTO certificate (serial, issuer_key, lineage, origin, profile, names, spiffe_id, public_key_sha256, not_before, not_after, issued_at, life, certificate)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);

  const recordCertificate = (c: IssuedCertificate, mostOfOneLineage: number): RecordOutcome => {
    // In the transaction that keeps it: a revocation is either seen here, or finds the certificate and revokes it, too.
    // A line that begins here has no other certificate, and nobody can have revoked it.
    const continues = c.lineage !== c.serialNumber;
    if (continues && revokedLine.get(c.lineage) !== undefined) return 'lineage-revoked';
    if (compromisedKey.get(c.publicKeySha256) !== undefined) return 'key-compromised';
    if (continues) {
      const unexpired = unexpiredOfLine.get(c.lineage, mostOfOneLineage, c.issuedAtMs)?.['unexpired'];
      if (Number(unexpired) >= mostOfOneLineage) return 'lineage-full';
    }
    insertCertificate.run(
      c.serialNumber,
      c.issuerKey,
      c.lineage,
      c.origin,
      c.profile,
      JSON.stringify(c.names),
      c.spiffeId,
      c.publicKeySha256,
      c.notBeforeMs,
      c.notAfterMs,
      c.issuedAtMs,
      c.lifeMs,
      c.certificate,
    );
    for (const name of c.names) insertName.run(name, c.serialNumber);
    return 'recorded';
  };

  return {
    recordIntents: (intents, events) => {
      if (events.length !== intents.length) throw new TypeError('one event an intent');
      const first = audit.appendAudit(events).sequence - events.length + 1;
      for (const [index, { serialNumber, recordedAtMs }] of intents.entries())
        insertIntent.run(serialNumber, recordedAtMs, first + index);
    },
    recordCertificates: (certificates, mostOfOneLineage) =>
      certificates.map((certificate) => recordCertificate(certificate, mostOfOneLineage)),
    latestIntentMs: () => {
      const value = latest.get()?.['latest'];
      return typeof value === 'number' ? value : undefined;
    },
  };
}
