import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { manualClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { openSqliteStore } from '../../packages/countersign/src/store/sqlite/index.ts';
import { startMs } from '../fixtures/stored-certificates.ts';
import { storageContract } from './contract.ts';

storageContract('SQLite', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-'));
  const store = await openSqliteStore({ file: join(directory, 'authority.db'), clock: manualClock(startMs) });
  t.after(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });
  return store;
});
