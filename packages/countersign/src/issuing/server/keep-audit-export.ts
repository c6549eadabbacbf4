/** The audit log sent on to whom the settings name, for as long as the authority runs; where it was left stands in the state directory. */
import { hostname } from 'node:os';
import { join } from 'node:path';

import { z } from 'zod';

import type { Clock } from '../../ground/clock/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import type { AuditJournal } from '../../runtime/audit/index.ts';
import {
  type ContinuousExport,
  exportContinuously,
  openAuditTarget,
  parseTargetAddress,
} from '../../runtime/audit-export/index.ts';
import { readJsonFile, writeJsonFile } from '../../runtime/config/index.ts';
import type { Source } from '../../runtime/tls/index.ts';
import type { ServerLog } from './server-event.ts';
import type { AuthoritySettings } from './settings/authority-settings.ts';

export interface AuditExportOptions {
  readonly journal: AuditJournal;
  /** The state directory. */
  readonly dir: string;
  readonly clock: Clock;
  readonly log: ServerLog;
  readonly settings: Source<AuthoritySettings> | undefined;
}

const cursorFile = 'audit-export.json';

const shape: z.ZodType<Readonly<Record<string, number>>> = z.record(z.string(), z.int().min(0));

/** Answers what ends it. */
export function keepAuditExport(options: AuditExportOptions): () => Promise<void> {
  const { settings, log } = options;
  const running = new Map<string, () => Promise<void>>();
  const cursors = cursorsIn(join(options.dir, cursorFile));

  const change = (addresses: readonly string[]): Promise<unknown> => {
    const gone = [...running].filter(([text]) => !addresses.includes(text));
    for (const [text] of gone) running.delete(text);
    for (const text of addresses) if (!running.has(text)) running.set(text, startExport(text, cursors(text), options));
    return Promise.all(gone.map(([, end]) => end()));
  };
  const follow = ({ audit }: AuthoritySettings): void => {
    change(audit?.export ?? []).catch((error: unknown) =>
      log({ event: 'failed', what: 'ending an export of the audit log', why: String(error) }),
    );
  };

  if (settings !== undefined) follow(settings.current());
  const unwatch = settings?.watch(follow);
  return async () => {
    unwatch?.();
    await change([]);
  };
}

function startExport(
  text: string,
  cursor: ContinuousExport['cursor'],
  { journal, clock, log }: AuditExportOptions,
): () => Promise<void> {
  const address = parseTargetAddress(text);
  if (address === undefined) throw new TypeError(`${text} was not checked`);
  const onFailure = (error: unknown): void =>
    log({ event: 'failed', what: `sending the audit log to ${text}`, why: String(error) });
  const target = openAuditTarget(address, { clock, hostname: hostname() });
  return exportContinuously({ journal, target, cursor, clock, onFailure });
}

/** The last numbers that were delivered, by address, in one file. */
function cursorsIn(file: string): (text: string) => ContinuousExport['cursor'] {
  let reading: Promise<Map<string, number>> | undefined;
  const all = (): Promise<Map<string, number>> =>
    (reading ??= readCursors(file).catch((error: unknown) => {
      reading = undefined;
      throw error;
    }));
  return (text) => ({
    load: async () => (await all()).get(text) ?? 0,
    save: async (sequence) => {
      const cursors = (await all()).set(text, sequence);
      await writeJsonFile(file, Object.fromEntries(cursors));
    },
  });
}

async function readCursors(file: string): Promise<Map<string, number>> {
  try {
    return new Map(Object.entries(await readJsonFile(file, shape)));
  } catch (error) {
    if (isRefusal(error) && error.code === 'CS-FILE-001') return new Map();
    throw error;
  }
}
