import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import { certificate, keep, startMs } from '../../../../../tests/fixtures/stored-certificates.ts';
import { manualClock } from '../../ground/clock/index.ts';
import { openSqliteStore } from './index.ts';

test('a snapshot under steady writing is whole, and holds all that was acknowledged before it', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-'));
  t.after(() => rm(dir, { recursive: true }));
  const store = await openSqliteStore({ file: join(dir, 'authority.db'), clock: manualClock(startMs) });
  const serial = (index: number): string => `0A${index.toString(16).padStart(6, '0')}`;
  let [asked, kept] = [0, 0];
  const keepMore = async (count: number): Promise<void> => {
    const first = asked;
    asked += count;
    await keep(store, ...Array.from({ length: count }, (_, index) => certificate(serial(first + index))));
    kept += count;
  };
  // Several steps of a copy.
  await keepMore(2000);
  let ended = false;
  const writing = Array.from({ length: 8 }, async () => {
    while (!ended) await keepMore(20);
  });
  for (let round = 0; round < 10; round++) {
    const [before, file] = [kept, join(dir, `copy-${String(round)}.db`)];
    await store.snapshots.take(file);
    const copy = new DatabaseSync(file, { readOnly: true });
    assert.equal(copy.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok');
    assert.ok(Number(copy.prepare('SELECT count(*) AS n FROM certificate').get()?.['n']) >= before);
    copy.close();
  }
  ended = true;
  await Promise.all(writing);
  await store.close();
});
