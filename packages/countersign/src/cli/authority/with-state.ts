/** A state directory for one piece of work on it: made where it is missing, and refused while an authority serves from it. */
import type { Clock } from '../../ground/clock/index.ts';
import { type AuditAction, type AuditFacts, auditEvent } from '../../runtime/audit/index.ts';
import type { SettingsMemory } from '../../issuing/server/index.ts';
import { ensurePrivateDirectory } from '../../runtime/config/index.ts';
import { openSqliteStore } from '../../store/sqlite/index.ts';
import { databaseFile } from '../up/database-file.ts';

export interface State {
  readonly dir: string;
  /** Which database goes with the keys. */
  readonly ledgerId: string;
  /** Whether certificates were issued from here. */
  readonly ledgerInUse: boolean;
  /** What the authority accepted last, whatever the file says. */
  readonly settings: SettingsMemory;
  /** Tells the audit log what the user of this machine does. */
  readonly record: (action: AuditAction, facts: AuditFacts) => Promise<void>;
}

export async function withState<T>(dir: string, clock: Clock, work: (state: State) => Promise<T>): Promise<T> {
  await ensurePrivateDirectory(dir);
  const { file } = await databaseFile(dir);
  // Its lock is what keeps two processes from one directory.
  const store = await openSqliteStore({ file, clock });
  try {
    const actor = { kind: 'local-user', name: `uid ${String(process.geteuid?.() ?? 'not known')}` } as const;
    const record: State['record'] = async (action, facts) => {
      await store.audit.append([auditEvent(action, { atMs: clock.now(), actor, facts })]);
    };
    const { records } = await store.inventory.page(undefined, 1);
    const { ledgerId, settings } = store;
    return await work({ dir, ledgerId, ledgerInUse: records.length > 0, settings, record });
  } finally {
    await store.close();
  }
}
