/** What was promised to clients, and what is on disk, held against each other. */
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { readCertificatesPem } from '../../../packages/countersign/src/identity/x509/index.ts';
import type { ListedCertificate, AdministeredAuthority } from '../../../packages/countersign/src/runtime/api/index.ts';
import { sha256Hex } from '../../../packages/countersign/src/runtime/cryptography/index.ts';
import { verifyChain } from '../../../packages/countersign/src/runtime/audit/index.ts';
import { openAuditFile } from '../../../packages/countersign/src/store/sqlite/index.ts';
import type { HeldCredential } from '../../../packages/countersign/src/traffic/enrollment/index.ts';

/**
 * No signature without its record: each certificate that was signed has its intent in the database as the dead process left it. Looked at in a copy,
 * since to open the database would repair it in the authority's place.
 */
export async function requireRecords(dir: string, signedLog: string): Promise<void> {
  const own = await ownHierarchy(dir);
  const all = (await readFile(signedLog, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  const lines = all.filter((line) => !isOcspAnswer(line));
  const signed = lines.map((line) => ({ serial: serialOf(line), digest: sha256Hex(Buffer.from(line, 'hex')) }));
  const copy = await mkdtemp(`${dir}-copy-`);
  try {
    for (const name of ['authority.db', 'authority.db-wal'])
      await copyFile(join(dir, name), join(copy, name)).catch((error: unknown) => {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      });
    const database = new DatabaseSync(join(copy, 'authority.db'));
    // An intent stands until its certificate does.
    const recorded = database.prepare(
      'SELECT 1 FROM intent WHERE serial = unhex(?1) UNION ALL SELECT 1 FROM certificate WHERE serial = unhex(?1)',
    );
    const certificates = Number(database.prepare('SELECT count(*) AS n FROM certificate').get()?.['n']);
    const logged = requireSoundLog(join(copy, 'authority.db'));
    for (const { serial, digest } of signed) {
      if (own.has(serial)) continue;
      assert.ok(recorded.get(serial) !== undefined || logged.has(serial), `signed without its record: ${serial}`);
      const said = logged.get(serial);
      // Those from before a migration have none.
      assert.ok(said === undefined || said === digest, `signed otherwise than recorded: ${serial}`);
    }
    database.close();
    // Else nothing would have been looked at.
    assert.ok(new Set(signed.map(({ serial }) => serial)).size >= certificates, 'certificates not seen to be signed');
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** ResponseData (RFC 6960, 4.2.1): a sequence that begins with the responder's name by its key, [2]. */
function isOcspAnswer(toBeSigned: string): boolean {
  return /^30(?:[0-7].|81..|82....)a2160414/.test(toBeSigned);
}

/** TBSCertificate (RFC 5280, 4.1): a sequence of the version, [0] 2, and the serial number. */
function serialOf(toBeSigned: string): string {
  const [, length, rest] = /^30(?:[0-7].|81..|82....)a00302010202(..)(.*)$/.exec(toBeSigned) ?? [];
  assert.ok(length !== undefined && rest !== undefined, 'signed, and no certificate');
  return rest
    .slice(0, 2 * Number.parseInt(length, 16))
    .replace(/^00/, '')
    .toUpperCase();
}

/** The audit log is chained from its first entry to its last, whatever was cut off in the middle of a transaction. Answers digests by serial. */
function requireSoundLog(file: string): Map<string, unknown> {
  const audit = openAuditFile(file);
  const entries = audit.read(1, 1_000_000);
  audit.close();
  assert.ok(entries.length > 0, 'an authority that was up has entries');
  assert.deepEqual(verifyChain(entries).findings, []);
  const issued = entries.filter(({ action }) => action === 'certificate.issue');
  return new Map(issued.map(({ facts }) => [String(facts['serial']), facts['tbsSha256']]));
}

/** The root and the issuer are signed before there is anything to record them in. */
async function ownHierarchy(dir: string): Promise<ReadonlySet<string>> {
  const texts = await Promise.all(
    ['root.pem', 'issuer.pem'].map((name) => readFile(join(dir, 'authority', name), 'utf8').catch(() => '')),
  );
  return new Set(texts.flatMap((text) => readCertificatesPem(text)).map(({ serialNumber }) => serialNumber));
}

export async function everything(local: AdministeredAuthority): Promise<ListedCertificate[]> {
  const all: ListedCertificate[] = [];
  for (let after: string | undefined; ;) {
    const page = await local.listCertificates({ limit: 1000, ...(after === undefined ? {} : { after }) });
    all.push(...page.certificates);
    if (page.next === undefined) return all;
    after = page.next;
  }
}

/** No serial twice, and nothing missing that was acknowledged. */
export function requireAcknowledged(
  listed: readonly ListedCertificate[],
  acknowledged: readonly HeldCredential[],
): void {
  const bySerial = new Map(listed.map((certificate) => [certificate.serial, certificate]));
  assert.equal(bySerial.size, listed.length, 'a serial number twice on record');
  const serials = acknowledged.map(({ leaf }) => leaf.serialNumber);
  assert.equal(new Set(serials).size, serials.length, 'a serial number acknowledged twice');
  for (const { leaf } of acknowledged) {
    const names = [...leaf.subjectAltName.dns, ...leaf.subjectAltName.uri];
    assert.deepEqual(bySerial.get(leaf.serialNumber)?.names, names, `acknowledged and missing: ${leaf.serialNumber}`);
  }
}

/** The serial numbers of everything of these names, each of it revoked. */
export function requireAllRevoked(listed: readonly ListedCertificate[], names: ReadonlySet<string>): string[] {
  const concerned = listed.filter((certificate) => certificate.names.some((name) => names.has(name)));
  for (const { serial, status, names: own } of concerned)
    assert.equal(status, 'revoked', `revoked and good again: ${serial} ${own.join(' ')}`);
  return concerned.map(({ serial }) => serial);
}

/** A snapshot that was acknowledged is whole, and holds what had been acknowledged before it was asked for. */
export function requireWhole(file: string, acknowledged: readonly HeldCredential[]): void {
  const database = new DatabaseSync(file, { readOnly: true });
  assert.equal(database.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok');
  const certificate = database.prepare('SELECT 1 FROM certificate WHERE serial = unhex(?)');
  for (const { leaf } of acknowledged)
    assert.ok(certificate.get(leaf.serialNumber) !== undefined, `not in the backup: ${leaf.serialNumber}`);
  database.close();
}
