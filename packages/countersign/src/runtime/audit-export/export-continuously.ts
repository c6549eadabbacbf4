/** Sends a log on as it grows, from where it was left: each entry at least once, in order. */
import { type Clock, sleep } from '../../ground/clock/index.ts';
import type { AuditJournal } from '../audit/index.ts';
import type { AuditTarget } from './audit-target.ts';

export interface ContinuousExport {
  readonly journal: Pick<AuditJournal, 'read'>;
  readonly target: AuditTarget;
  /** The number of the last entry that was delivered, kept over restarts. */
  readonly cursor: { load(): Promise<number>; save(sequence: number): Promise<void> };
  readonly clock: Clock;
  /** Told when delivery begins to fail, not at each attempt. */
  readonly onFailure: (error: unknown) => void;
}

/** How often the log is looked at, and at first tried again. Own choice: a collector shows it within seconds. */
const lookMs = 2_000;
/** Between attempts at a receiver that stays away: entries wait in the log, so nothing but time is lost. */
const longestPauseMs = 60_000;

const mostAtOnce = 200;

/** Answers what ends it; before that, what the log holds is sent once more, unless the receiver was away. */
export function exportContinuously(options: ContinuousExport): () => Promise<void> {
  const ending = new AbortController();
  const done = run(options, ending.signal);
  return async () => {
    ending.abort();
    await done;
    await options.target.close();
  };
}

async function run(options: ContinuousExport, signal: AbortSignal): Promise<void> {
  const { clock, onFailure } = options;
  const deliver = delivery(options);
  let failures = 0;
  for (;;) {
    const last = signal.aborted;
    try {
      while (await deliver());
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures === 1) onFailure(error);
    }
    if (last || (signal.aborted && failures > 0)) return;
    // Ended early, there is nothing to tell.
    await sleep(clock, Math.min(lookMs * 2 ** failures, longestPauseMs), signal).catch(() => undefined);
  }
}

/** Sends the next entries; answers whether there may be more. */
function delivery({ journal, target, cursor }: ContinuousExport): () => Promise<boolean> {
  let delivered: number | undefined;
  return async () => {
    delivered ??= await cursor.load();
    const entries = await journal.read(delivered + 1, mostAtOnce);
    const last = entries.at(-1);
    if (last === undefined) return false;
    await target.send(entries);
    delivered = last.sequence;
    await cursor.save(delivered);
    return entries.length === mostAtOnce;
  };
}
