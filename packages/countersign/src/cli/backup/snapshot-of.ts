/** A snapshot of an authority's database: from the running authority, else from the file itself. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { parseRfc3339 } from '../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { removeUnfinished, unfinishedName } from '../../runtime/config/index.ts';
import { openSqliteStore } from '../../store/sqlite/index.ts';
import type { Call } from '../call.ts';
import { withLocalAuthority } from '../local-authority.ts';
import { databaseName } from './files-to-back-up.ts';

export interface Snapshot {
  readonly file: string;
  readonly createdAtMs: number;
  /** Whether the authority was running. */
  readonly online: boolean;
  remove(): Promise<void>;
}

export async function snapshotOf(call: Call, dir: string): Promise<Snapshot> {
  try {
    const { file: name, createdAt } = await withLocalAuthority(call, (authority) => authority.takeSnapshot());
    const file = join(dir, name);
    return { file, createdAtMs: parseRfc3339(createdAt) ?? 0, online: true, remove: () => rm(file, { force: true }) };
  } catch (error) {
    if (!isRefusal(error) || error.code !== 'CS-NET-004') throw error;
    return snapshotOfFile(call, dir);
  }
}

/** Nobody serves from it: the store takes its lock for as long as the copy takes. */
async function snapshotOfFile({ world: { clock } }: Call, dir: string): Promise<Snapshot> {
  const database = join(dir, databaseName);
  if (!existsSync(database)) throw new Refusal('CS-FILE-001', { path: database });
  const store = await openSqliteStore({ file: database, clock });
  try {
    // An authority that starts clears it away, too, for how it begins.
    const target = join(dir, '.snapshot-offline');
    await removeUnfinished(target);
    const file = unfinishedName(target);
    const createdAtMs = clock.now();
    await store.snapshots.take(file);
    return { file, createdAtMs, online: false, remove: () => rm(file, { force: true }) };
  } finally {
    await store.close();
  }
}
