/** Takes a snapshot of the database for a backup, and clears away those that nobody removed. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { type Clock, toRfc3339 } from '../../ground/clock/index.ts';
import { toHex } from '../../ground/encoding/index.ts';
import type { SnapshotResponse } from '../../runtime/api/index.ts';
import { type Actor, auditEvent, type AuditJournal } from '../../runtime/audit/index.ts';
import { randomBytes } from '../../runtime/cryptography/index.ts';
import type { Snapshots } from './recovery-ledger.ts';
import type { StoreVitals } from './store-vitals.ts';

export interface SnapshotParts {
  readonly dir: string;
  readonly snapshots: Snapshots;
  readonly vitals: Pick<StoreVitals, 'noteBackup'>;
  readonly audit: AuditJournal;
  readonly clock: Clock;
}

const prefix = '.snapshot-';

export async function snapshot(parts: SnapshotParts, actor: Actor): Promise<SnapshotResponse> {
  const { dir, snapshots, vitals, audit, clock } = parts;
  await removeSnapshots(dir);
  const atMs = clock.now();
  // Before it is taken: the copy says of itself that it is one.
  await audit.append([auditEvent('backup.create', { atMs, actor })]);
  const file = `${prefix}${toHex(randomBytes(8))}.db`;
  await snapshots.take(join(dir, file));
  await vitals.noteBackup(atMs);
  return { file, createdAt: toRfc3339(atMs) };
}

/** Of a backup that was interrupted: a copy of everything is not left lying about. */
export async function removeSnapshots(dir: string): Promise<void> {
  for (const name of await readdir(dir)) if (name.startsWith(prefix)) await rm(join(dir, name), { force: true });
}
