/** What was promised to clients, and what is on disk, held against each other. */
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { readCertificatesPem } from '../../../packages/countersign/src/identity/x509/index.ts';
import type { ListedCertificate, LocalAuthority } from '../../../packages/countersign/src/runtime/api/index.ts';
import { sha256Hex } from '../../../packages/countersign/src/runtime/cryptography/index.ts';
import type { HeldCredential } from '../../../packages/countersign/src/traffic/enrollment/index.ts';

/**
 * No signature without its record: each thing that was signed stands as an intent in the database as the dead process left it. Looked at in a copy,
 * since to open the database would repair it in the authority's place.
 */
export async function requireIntents(dir: string, signedLog: string): Promise<void> {
  const signed = new Set((await readFile(signedLog, 'utf8').catch(() => '')).split('\n').filter((line) => line !== ''));
  for (const made of await ownHierarchy(dir)) signed.delete(made);
  const copy = await mkdtemp(`${dir}-copy-`);
  try {
    for (const name of ['authority.db', 'authority.db-wal'])
      await copyFile(join(dir, name), join(copy, name)).catch((error: unknown) => {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      });
    const database = new DatabaseSync(join(copy, 'authority.db'));
    const intents = database.prepare('SELECT to_be_signed_sha256 AS digest FROM intent').all();
    const recorded = new Set(intents.map(({ digest }) => String(digest)));
    const certificates = Number(database.prepare('SELECT count(*) AS n FROM certificate').get()?.['n']);
    database.close();
    for (const digest of signed) assert.ok(recorded.has(digest), `signed without its record: ${digest}`);
    // Else nothing would have been looked at.
    assert.ok(signed.size >= certificates, 'certificates that were never seen to be signed');
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** The root and the issuer are signed before there is anything to record them in. */
async function ownHierarchy(dir: string): Promise<string[]> {
  const texts = await Promise.all(
    ['root.pem', 'issuer.pem'].map((name) => readFile(join(dir, 'authority', name), 'utf8').catch(() => '')),
  );
  return texts.flatMap((text) => readCertificatesPem(text)).map(({ tbs }) => sha256Hex(tbs));
}

export async function everything(local: LocalAuthority): Promise<ListedCertificate[]> {
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
