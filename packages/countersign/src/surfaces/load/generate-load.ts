/** Generates load by a plan and tells what came of it. */
import { LoadFailure } from './failure-code.ts';
import { lanesOf } from './lanes/lanes-of.ts';
import type { Lane } from './lanes/lane.ts';
import type { HowToLoad, LoadPlan } from './load-plan.ts';
import type { LoadReport } from './load-report.ts';
import { LoadRun } from './load-run.ts';
import { processTimeUs } from './process-time.ts';

/** Handshakes at the same time while the kept connections are opened: a crowd of thousands would be shed by any careful server. */
const openedAtOnce = 32;

/** Rejects where the kept connections cannot be opened, with the reason of the first; what fails later is counted. */
export async function generateLoad(plan: LoadPlan, how: HowToLoad): Promise<LoadReport> {
  requireSense(plan);
  const lanes = lanesOf(plan);
  try {
    await openAll(lanes);
    const cpu = plan.cpuOf === undefined ? undefined : measured(plan.cpuOf);
    const own = process.cpuUsage();
    const run = new LoadRun(lanes, plan, how);
    await run.finished;
    const { user, system } = process.cpuUsage(own);
    const result = run.result();
    const each = result.operations === 0 ? undefined : cpu?.();
    return {
      ...result,
      ...(each === undefined ? {} : { cpuUsPerOperation: each / result.operations }),
      generatorBusy: (user + system) / 1000 / Math.max(result.elapsedMs, 1),
    };
  } finally {
    for (const lane of lanes) lane.abort(new LoadFailure('ENDED'));
  }
}

function measured(pid: number): () => number {
  const before = processTimeUs(pid);
  return () => processTimeUs(pid) - before;
}

async function openAll(lanes: readonly Lane[]): Promise<void> {
  for (let at = 0; at < lanes.length; at += openedAtOnce)
    await Promise.all(lanes.slice(at, at + openedAtOnce).map((lane) => lane.open()));
}

function requireSense({ connections, pace, forMs, operations }: LoadPlan): void {
  if (!Number.isSafeInteger(connections) || connections < 1) throw new TypeError('a plan has connections, 1 or more');
  if ('perSecond' in pace && !(pace.perSecond > 0)) throw new TypeError('a pace is more than 0 a second');
  if (forMs === undefined && operations === undefined) throw new TypeError('a plan has an end: forMs or operations');
}
