import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';

import {
  certificate,
  issuerKey,
  keyHash,
  recordIntents,
  revoke,
  startMs,
  unspecified,
} from '../../../../../tests/fixtures/stored-certificates.ts';
import { manualClock } from '../../ground/clock/index.ts';
import { openSqliteStore } from './index.ts';
import { migrate } from './migrate.ts';
import { authority } from './migrations/001-authority.ts';

/** A database as the first version left it, with something in each table. */
async function first(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-'));
  t.after(() => rm(directory, { recursive: true }));
  const file = join(directory, 'authority.db');
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA application_id = 0x4353676e');
  migrate(database, [authority], file, startMs);
  database.exec("INSERT INTO ledger VALUES (1, 'the first ledger')");
  const intent = database.prepare('INSERT INTO intent VALUES (?, ?, ?, ?, ?)');
  for (const [serial, atMs] of [
    ['0A', 1],
    ['0B', 2],
    ['0C', 7],
    ['0D', 3],
  ] as const)
    intent.run(serial, issuerKey, 'test', '00'.repeat(32), startMs + atMs);
  const insert = database.prepare('INSERT INTO certificate VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const name = database.prepare('INSERT INTO certificate_name VALUES (?, ?)');
  // 0C was recorded as intended and never came to be.
  for (const [sequence, c] of [
    [3, certificate('0A', { origin: 'token:t1' })],
    [5, certificate('0B', { lineage: '0A' })],
    [9, certificate('0D', { names: ['db'] })],
  ] as const) {
    insert.run(
      ...([sequence, c.serialNumber, c.issuerKey, c.lineage, c.origin, c.profile, JSON.stringify(c.names)] as const),
      ...([c.spiffeId, c.publicKeySha256, c.notBeforeMs, c.notAfterMs, c.issuedAtMs, c.lifeMs, c.certificate] as const),
    );
    for (const each of c.names) name.run(each, c.serialNumber);
  }
  database.exec(`
    INSERT INTO token VALUES ('t1', x'01', '["web"]', 1, 99, NULL, 'aa', 5);
    INSERT INTO feed_change VALUES (1, ${String(startMs)}, NULL);
    UPDATE feed SET number = 1, latest_at = ${String(startMs)};
    INSERT INTO endpoint VALUES ('s', 'e', '0A', 1, ${String(startMs)}, 0);
    UPDATE endpoint_touch SET at = ${String(startMs)};`);
  database
    .prepare('INSERT INTO revocation VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
    .run(issuerKey, '0D', '0D', keyHash('0D'), startMs + 86_400_000, startMs, 'keyCompromise', 1);
  database.close();
  await chmod(file, 0o600);
  return file;
}

test('a database of the first version is carried to the newest with all that is in it', async (t) => {
  const file = await first(t);
  const store = await openSqliteStore({ file, clock: manualClock(startMs) });
  t.after(() => store.close());
  assert.equal(store.ledgerId, 'the first ledger');
  const plain = (record: object | undefined): unknown => {
    const { certificate: der, ...rest } = (record ?? {}) as { certificate?: Uint8Array };
    return { ...rest, certificate: Uint8Array.from(der ?? []) };
  };
  const revoked = { atMs: startMs, reason: 'keyCompromise', number: 1 };
  const { records } = await store.inventory.page(undefined, 10);
  assert.deepEqual(records.map(plain), [
    certificate('0A', { origin: 'token:t1' }),
    certificate('0B', { lineage: '0A' }),
    { ...certificate('0D', { names: ['db'] }), revoked, lineageRevoked: revoked },
  ]);
  assert.equal((await store.inventory.byName('web', undefined, 10)).records.length, 2);
  assert.equal((await store.inventory.byOrigin(['token:t1']))[0]?.serialNumber, '0A');
  assert.deepEqual((await store.tokens.find(['t1']))[0]?.claim, { publicKeySha256: 'aa', atMs: 5 });
  // The latest intent is of a certificate that never came to be.
  assert.equal(await store.issuance.latestIntentMs(), startMs + 7);
  const state = await store.revocations.feedState(startMs);
  assert.deepEqual([state.number, state.revoked.map(({ serialNumber }) => serialNumber)], [1, ['0D']]);
  assert.equal((await store.endpoints.load(0)).length, 1);
  // Its intent stands, and its serial number is taken.
  await assert.rejects(
    recordIntents(store, [
      { serialNumber: '0C', issuerKey, origin: 'test', toBeSignedSha256: '00', recordedAtMs: startMs },
    ]),
  );
  assert.deepEqual(
    await store.issuance.recordCertificates([certificate('0C', { publicKeySha256: keyHash('0D') })], 10),
    ['key-compromised'],
  );
  assert.deepEqual(await store.issuance.recordCertificates([certificate('0C')], 10), ['recorded']);
  assert.equal((await revoke(store, { serialNumber: '0B', ...unspecified }))?.number, 2);
});

test('afterwards the file can shrink in steps', async (t) => {
  const file = await first(t);
  await (await openSqliteStore({ file, clock: manualClock(startMs) })).close();
  const database = new DatabaseSync(file);
  t.after(() => database.close());
  assert.equal(database.prepare('PRAGMA auto_vacuum').get()?.['auto_vacuum'], 2);
  assert.deepEqual(
    database
      .prepare('PRAGMA integrity_check')
      .all()
      .map((row) => row['integrity_check']),
    ['ok'],
  );
});
