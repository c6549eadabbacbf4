import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';

import {
  certificate,
  intent,
  keep,
  recordIntents,
  revoke,
  startMs,
  unspecified,
} from '../../../../../tests/fixtures/stored-certificates.ts';
import { manualClock } from '../../ground/clock/index.ts';
import { migrations } from './migrations/migrations.ts';
import { openSqliteStore, type SqliteStore } from './index.ts';
import { openDatabase } from './open-database.ts';

async function temporaryFile(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-'));
  t.after(() => rm(directory, { recursive: true }));
  return join(directory, 'authority.db');
}

async function open(t: TestContext, file: string): Promise<SqliteStore> {
  const store = await openSqliteStore({ file, clock: manualClock(startMs) });
  t.after(() => store.close());
  return store;
}

test('a commit is on the disk when it returns, and nobody else has the file', async (t) => {
  const database = openDatabase(await temporaryFile(t), { migrations, nowMs: startMs });
  t.after(() => database.close());
  const setting = (name: string): unknown => database.prepare(`PRAGMA ${name}`).get()?.[name];
  // 2 is FULL (https://sqlite.org/pragma.html#pragma_synchronous): what less would lose is seen only after a power cut.
  assert.deepEqual(['journal_mode', 'synchronous', 'locking_mode'].map(setting), ['wal', 2, 'exclusive']);
});

test('a certificate comes back as it was kept, also after a restart', async (t) => {
  const file = await temporaryFile(t);
  const first = await open(t, file);
  await keep(first, certificate('0A'));
  await first.close();
  const second = await open(t, file);
  assert.equal(second.ledgerId, first.ledgerId);
  const [kept] = await second.inventory.bySerialNumber(['0A']);
  assert.deepEqual({ ...kept, certificate: Uint8Array.from(kept?.certificate ?? []) }, certificate('0A'));
  assert.equal(await second.issuance.latestIntentMs(), startMs);
  assert.deepEqual(await second.inventory.bySerialNumber(['0B']), [undefined]);
});

test('the database is readable by its owner only', async (t) => {
  const file = await temporaryFile(t);
  const store = await open(t, file);
  await keep(store, certificate('0A'));
  for (const name of [file, `${file}-wal`, `${file}.holder`]) assert.equal((await stat(name)).mode & 0o077, 0, name);
});

test('a revocation and its number are one, repeated it changes nothing, and both survive a restart', async (t) => {
  const file = await temporaryFile(t);
  const first = await open(t, file);
  await keep(first, certificate('0A'), certificate('0B', { names: ['db'] }));
  const result = await revoke(first, { serialNumber: '0A', ...unspecified });
  assert.deepEqual([result?.number, result?.serialNumbers, result?.change?.revoked.length], [1, ['0A'], 1]);
  const again = await revoke(first, { serialNumber: '0A', ...unspecified });
  assert.deepEqual(again, { serialNumbers: ['0A'], number: 1 });
  assert.equal(await revoke(first, { serialNumber: '0F', ...unspecified }), undefined);
  await first.close();
  const second = await open(t, file);
  const state = await second.revocations.feedState(startMs);
  assert.deepEqual([state.number, state.revoked.map(({ serialNumber }) => serialNumber)], [1, ['0A']]);
  const [revoked, other] = await second.inventory.bySerialNumber(['0A', '0B']);
  assert.equal(revoked?.revoked?.number, 1);
  assert.equal(other?.revoked, undefined);
});

test('endpoints that were subscribed at the end count as seen at the last touch', async (t) => {
  const file = await temporaryFile(t);
  const first = await open(t, file);
  const endpoint = {
    spiffeId: 's',
    endpoint: 'e',
    serialNumber: '01',
    acknowledged: 3,
    seenAtMs: 10,
    subscribed: true,
  };
  await first.endpoints.record([endpoint, { ...endpoint, endpoint: 'left', subscribed: false }]);
  await first.endpoints.touch(500);
  await first.close();
  const second = await open(t, file);
  assert.deepEqual(await second.endpoints.load(100), [{ ...endpoint, seenAtMs: 500, subscribed: false }]);
});

test('a second one on the same file, in this process or another, is refused with the holder', async (t) => {
  const file = await temporaryFile(t);
  const store = await open(t, file);
  const held = { code: 'CS-STATE-001', evidence: { file, holder: `process ${String(process.pid)}` } };
  await assert.rejects(openSqliteStore({ file, clock: manualClock(startMs) }), held);
  const script = `
    import { openSqliteStore } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
    import { manualClock } from ${JSON.stringify(new URL('../../ground/clock/index.ts', import.meta.url).href)};
    try { await openSqliteStore({ file: ${JSON.stringify(file)}, clock: manualClock(0) }); console.log('opened'); }
    catch (error) { console.log(error.code + ' ' + error.evidence.holder); }`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  await once(child, 'close');
  assert.equal(output.trim(), `CS-STATE-001 process ${String(process.pid)}`);
  // The refused attempts have not loosened the lock.
  await assert.rejects(openSqliteStore({ file, clock: manualClock(startMs) }), held);
  await keep(store, certificate('0A'));
  await store.close();
  const next = await openSqliteStore({ file, clock: manualClock(startMs) });
  await next.close();
});

test('a file that is no database, or one of another program, is refused and left as it is', async (t) => {
  const file = await temporaryFile(t);
  await writeFile(file, 'this is a text that somebody wrote, long enough not to be taken for an empty file', {
    mode: 0o600,
  });
  await assert.rejects(openSqliteStore({ file, clock: manualClock(startMs) }), { code: 'CS-STORE-003' });
  const other = `${file}.other`;
  const database = new DatabaseSync(other);
  database.exec('CREATE TABLE note (text TEXT)');
  await chmod(other, 0o600);
  database.close();
  await assert.rejects(openSqliteStore({ file: other, clock: manualClock(startMs) }), { code: 'CS-STORE-003' });
  await assert.rejects(openSqliteStore({ file: join(file, 'below'), clock: manualClock(startMs) }), {
    code: 'CS-STORE-002',
  });
});

test('a database of a newer version is refused', async (t) => {
  const file = await temporaryFile(t);
  await (await openSqliteStore({ file, clock: manualClock(startMs) })).close();
  const database = new DatabaseSync(file);
  database.exec("INSERT INTO migration VALUES (99, 'of tomorrow', 0)");
  database.close();
  await assert.rejects(openSqliteStore({ file, clock: manualClock(startMs) }), {
    code: 'CS-STORE-001',
    evidence: { file, found: 99, supported: migrations.at(-1)?.version },
  });
});

test('after its end the store refuses everything', async (t) => {
  const store = await open(t, await temporaryFile(t));
  const last = recordIntents(store, [intent('0A')]);
  await store.close();
  await last;
  await assert.rejects(store.issuance.latestIntentMs(), { code: 'CS-STORE-002' });
});
