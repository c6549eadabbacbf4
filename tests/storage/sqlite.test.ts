import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { manualClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { openSqliteStore } from '../../packages/countersign/src/store/sqlite/index.ts';
import { startMs } from '../fixtures/stored-certificates.ts';
import { type Open, revokedRowsContract, storageContract, type StoragePorts } from './contract.ts';

const open: Open<StoragePorts> = async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-'));
  const store = await openSqliteStore({ file: join(directory, 'authority.db'), clock: manualClock(startMs) });
  t.after(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });
  return store;
};

storageContract('SQLite', open);
revokedRowsContract('SQLite', open);
