import assert from 'node:assert/strict';
import { chmod, cp, mkdtemp, open, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';

import { certificate, keep, startMs } from '../../../../../tests/fixtures/stored-certificates.ts';
import { manualClock } from '../../ground/clock/index.ts';
import { openSqliteStore } from './index.ts';

const clock = manualClock(startMs);

interface Kept {
  /** Of an authority that ended well. */
  readonly file: string;
  /** As `kill -9` would have left it: with its log and its holder. */
  readonly killed: string;
}

async function kept(t: TestContext, certificateBytes: number = 3): Promise<Kept> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-'));
  t.after(() => rm(directory, { recursive: true }));
  const file = join(directory, 'authority.db');
  const first = await openSqliteStore({ file, clock });
  const serials = Array.from({ length: 400 }, (_, index) => `0A${index.toString(16).padStart(4, '0')}`);
  await keep(first, ...serials.map((serial) => certificate(serial, { certificate: new Uint8Array(certificateBytes) })));
  await first.close();
  const second = await openSqliteStore({ file, clock });
  await keep(second, certificate('0B'));
  const killed = join(`${directory}.killed`, 'authority.db');
  await cp(directory, dirname(killed), { recursive: true });
  t.after(() => rm(dirname(killed), { recursive: true }));
  await second.close();
  return { file, killed };
}

async function overwrite(file: string, position: number, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.write(bytes, 0, bytes.length, position);
  await handle.close();
}

test('what was killed opens with all that was committed', async (t) => {
  const { killed } = await kept(t);
  const store = await openSqliteStore({ file: killed, clock });
  assert.equal((await store.inventory.bySerialNumber(['0B']))[0]?.serialNumber, '0B');
  await store.close();
});

test('half of the file gone: refused as damaged, however it ended', async (t) => {
  for (const file of Object.values(await kept(t)) as string[]) {
    await truncate(file, Math.floor((await stat(file)).size / 8192) * 4096);
    await assert.rejects(openSqliteStore({ file, clock }), { code: 'CS-STORE-006' });
  }
});

test('flipped bytes in its pages: found at the start after an end that was not clean', async (t) => {
  const { killed } = await kept(t);
  const { size } = await stat(killed);
  // The head of each tenth page, where SQLite keeps what the page is.
  for (let position = 10 * 4096; position < size; position += 10 * 4096)
    await overwrite(killed, position, Uint8Array.of(0xff, 0x5a, 0xa5, 0xff));
  await assert.rejects(openSqliteStore({ file: killed, clock }), { code: 'CS-STORE-006' });
  // The refused one has closed it, and so taken its log away: it is damaged all the same.
  await assert.rejects(openSqliteStore({ file: killed, clock }), { code: 'CS-STORE-006' });
});

test('a database that was refused once is refused for the same reason again, and opens when that is gone', async (t) => {
  const { file } = await kept(t);
  const ask = (sql: string): void => {
    const database = new DatabaseSync(file);
    database.exec(sql);
    database.close();
  };
  ask("INSERT INTO migration VALUES (99, 'from the future', 0)");
  for (let time = 0; time < 3; time++) await assert.rejects(openSqliteStore({ file, clock }), { code: 'CS-STORE-001' });
  ask('DELETE FROM migration WHERE version = 99');
  await (await openSqliteStore({ file, clock })).close();
});

test('flipped bytes in its pages: found at the start after a clean end, too', async (t) => {
  const { file } = await kept(t);
  const { size } = await stat(file);
  for (let position = 10 * 4096; position < size; position += 10 * 4096)
    await overwrite(file, position, Uint8Array.of(0xff, 0x5a, 0xa5, 0xff));
  for (let time = 0; time < 2; time++) await assert.rejects(openSqliteStore({ file, clock }), { code: 'CS-STORE-006' });
});

test('a large one is looked at briefly after a clean end: a revocation that is damaged is found', async (t) => {
  const { file } = await kept(t, 100_000);
  const database = new DatabaseSync(file);
  const root = Number(
    database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'revocation'").get()?.['rootpage'],
  );
  database.close();
  await overwrite(file, (root - 1) * 4096, Uint8Array.of(0xff, 0x5a, 0xa5, 0xff));
  await assert.rejects(openSqliteStore({ file, clock }), { code: 'CS-STORE-006' });
});

test('flipped bytes met while it serves: refused as damaged from then on, and the owner hears of it', async (t) => {
  const { file } = await kept(t, 100_000);
  const { size } = await stat(file);
  // In the middle: neither the first nor the last rows, which a start looks at.
  for (let position = Math.floor(size / 8192) * 4096; position < size * 0.75; position += 4096)
    await overwrite(file, position, Uint8Array.of(0xff, 0x5a, 0xa5, 0xff));
  const failure = Promise.withResolvers<{ code: string }>();
  const store = await openSqliteStore({ file, clock, onFailure: failure.resolve });
  await assert.rejects(store.inventory.page(undefined, 1000), { code: 'CS-STORE-006' });
  await assert.rejects(store.inventory.page(undefined, 1000), { code: 'CS-STORE-006' });
  assert.equal((await failure.promise).code, 'CS-STORE-006');
});

test('flipped bytes in the first page: no database', async (t) => {
  const { file } = await kept(t);
  await overwrite(file, 0, Uint8Array.of(1, 2, 3, 4));
  await assert.rejects(openSqliteStore({ file, clock }), { code: 'CS-STORE-003' });
});

test('the log of one that was killed taken away: refused, since its last commits are in there', async (t) => {
  const { killed, file } = await kept(t);
  await rm(`${killed}-wal`);
  await assert.rejects(openSqliteStore({ file: killed, clock }), {
    code: 'CS-STORE-007',
    evidence: { file: `${killed}-wal` },
  });
  // One that ended well has none.
  await (await openSqliteStore({ file, clock })).close();
});

test('a database that others may read is refused, with what to type', async (t) => {
  const { file } = await kept(t);
  await chmod(file, 0o640);
  await assert.rejects(openSqliteStore({ file, clock }), {
    code: 'CS-STATE-011',
    evidence: { path: file, mode: '0640', type: `chmod 600 ${file}` },
  });
  await chmod(file, 0o600);
  await (await openSqliteStore({ file, clock })).close();
});
