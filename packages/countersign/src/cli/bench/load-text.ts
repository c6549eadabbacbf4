/** What came of a load, for a person: the figures, and a small picture of the latencies. */
import type { LoadPlan, LoadReport } from '../../surfaces/load/index.ts';
import type { Paint } from '../output/paint.ts';
import { beside, columns } from '../text/wrap.ts';

const labelColumn = 15;

/** Of the longest bar; beside it stand the bound and the count. */
const barColumns = columns - labelColumn - 16;

/** From here on it is the generator that sets the rate. Own choice. */
const busy = 0.9;

export function loadText(plan: LoadPlan, report: LoadReport, paint: Paint): string {
  const { operations, failed, failures, perSecond, elapsedMs, latencyMs: ms, bytes } = report;
  const figure = (name: string, value: number): string => `${name} ${milliseconds(value)}`;
  const { p50, p90, p99, p999, max } = ms;
  const latencies = [figure('p50', p50), figure('p90', p90), figure('p99', p99), figure('p99.9', p999)];
  const codes = Object.entries(failures).map(([code, count]) => `${whole(count)} ${code}`);
  const { cpuOf } = plan;
  return [
    row('done', `${whole(operations)} in ${(elapsedMs / 1000).toFixed(1)} s: ${whole(perSecond)} a second`),
    ...(failed === 0 ? [] : [paint.bad(row('failed', `${whole(failed)}: ${codes.join(', ')}`))]),
    ...(bytes < 1e6 || elapsedMs === 0
      ? []
      : [row('received', `${(bytes / 1e6).toFixed(1)} MB: ${(bytes / 1000 / elapsedMs).toFixed(1)} MB/s`)]),
    ...(operations === 0 ? [] : [row('latency', `${[...latencies, figure('max', max)].join('   ')}   ms`)]),
    ...picture(report),
    ...(report.cpuUsPerOperation === undefined || cpuOf === undefined
      ? []
      : [row('CPU', `${whole(report.cpuUsPerOperation)} us of process ${cpuOf} for each`)]),
    ...(report.generatorBusy < busy
      ? []
      : [
          row(
            'note',
            'the generator was busy all the time: the rate is its own limit, and its waits are in the latencies',
          ),
        ]),
  ].join('\n');
}

/** A line of what is told, `text` in a column of its own. */
export function row(label: string, text: string): string {
  return beside(label, text, 3, labelColumn).join('\n');
}

/** What was typed, as the greeting says it. */
export function planText({ workload, connections, pace }: LoadPlan): string {
  const kind =
    'handshakes' in workload
      ? `handshakes${workload.handshakes === 'alone' ? ', nothing sent' : ''}`
      : 'bytes' in workload
        ? `echoes of ${whole(workload.bytes)} bytes`
        : `requests over HTTP/${workload.requests.http === 2 ? '2' : '1.1'}`;
  const speed = 'closed' in pace ? 'as fast as answered' : `${whole(pace.perSecond)} a second by the clock`;
  return `${kind}, ${connections} ${connections === 1 ? 'connection' : 'connections'}, ${speed}`;
}

/** A line for each doubling of the latency. */
function picture({ distribution, operations }: LoadReport): string[] {
  const shown = distribution.filter(({ count }) => count > 0);
  const most = Math.max(...shown.map(({ count }) => count));
  if (operations === 0 || shown.length < 2) return [];
  return shown.map(({ belowMs, count }) => {
    const bar = '#'.repeat(Math.max(1, Math.round((count / most) * barColumns)));
    const bound = `< ${milliseconds(belowMs)} ms`;
    return `${bound.padStart(labelColumn - 2)}  ${bar} ${whole(count)}`;
  });
}

function milliseconds(ms: number): string {
  return ms < 10 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : whole(ms);
}

function whole(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}
