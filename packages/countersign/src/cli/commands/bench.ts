/** `bench`: load over mutual TLS, and what came of it. */
import { isRefusal, printable, Refusal } from '../../ground/errors/index.ts';
import { generateLoad, type LoadPlan, type LoadProgress, type LoadReport } from '../../surfaces/load/index.ts';
import { loadText, planText, row } from '../bench/load-text.ts';
import { withOwnSide } from '../bench/own-side.ts';
import { planOf } from '../bench/plan-of.ts';
import type { Call } from '../call.ts';
import { endingStatus } from '../process/ending.ts';
import { refuseHostileProcess } from '../process/refuse-hostile-process.ts';

export async function run(call: Call): Promise<number> {
  const { world } = call;
  refuseHostileProcess(world);
  const plan = planOf(call);
  // From here on an interrupt must leave no key behind: what there is is told, and then all is cleared away.
  const ending = new AbortController();
  const stop = world.ending.watch(() => ending.abort());
  try {
    return await withOwnSide(call, (tls) => load(call, plan(tls), ending.signal));
  } finally {
    stop();
  }
}

async function load(call: Call, plan: LoadPlan, signal: AbortSignal): Promise<number> {
  const { output, world, options } = call;
  await tryOne(call, plan);
  output.say(` ${output.paint.strong(targetOf(call))}`);
  output.say(row('load', planText(plan)));
  const onProgress = (progress: LoadProgress): void => tell(call, progress);
  const report = await generateLoad(plan, { clock: world.clock, signal, onProgress });
  output.say(loadText(plan, report, output.paint));
  output.result({ target: targetOf(call), load: options.text('load') ?? 'handshakes', ...rounded(report) });
  const { asked } = world.ending;
  if (asked !== undefined) return endingStatus[asked];
  return report.failed > 0 ? 1 : 0;
}

function tell({ output }: Call, { elapsedMs, operations, failed, perSecond }: LoadProgress): void {
  const seconds = Math.round(elapsedMs / 1000);
  output.progress(`${seconds} s: ${operations} done, ${failed} failed, ${Math.round(perSecond)} a second`);
  output.event('progress', { elapsedMs: tenths(elapsedMs), operations, failed, perSecond: tenths(perSecond) });
}

function targetOf({ arguments: [target = ''] }: Call): string {
  return printable(target);
}

/** What cannot succeed is said once and with its reason, not counted ten thousand times. */
async function tryOne(call: Call, plan: LoadPlan): Promise<void> {
  const reasons: unknown[] = [];
  const { forMs: _, ...rest } = plan;
  const one: LoadPlan = { ...rest, connections: 1, pace: { closed: true }, operations: 1 };
  try {
    await generateLoad(one, { clock: call.world.clock, onFailure: (error) => reasons.push(error) });
  } catch (error) {
    reasons.push(error);
  }
  if (reasons.length === 0) return;
  const [error] = reasons;
  if (isRefusal(error)) throw error;
  const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  throw new Refusal('CS-LOAD-001', { target: targetOf(call), operation: planText(one), reason }, { cause: error });
}

function rounded(report: LoadReport): LoadReport {
  const { elapsedMs, perSecond, latencyMs, cpuUsPerOperation, generatorBusy } = report;
  const latencies = Object.entries(latencyMs).map(([name, ms]) => [name, thousandths(Number(ms))]);
  return {
    ...report,
    elapsedMs: tenths(elapsedMs),
    perSecond: tenths(perSecond),
    latencyMs: Object.fromEntries(latencies) as LoadReport['latencyMs'],
    ...(cpuUsPerOperation === undefined ? {} : { cpuUsPerOperation: tenths(cpuUsPerOperation) }),
    generatorBusy: thousandths(generatorBusy),
  };
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

function thousandths(value: number): number {
  return Math.round(value * 1000) / 1000;
}
