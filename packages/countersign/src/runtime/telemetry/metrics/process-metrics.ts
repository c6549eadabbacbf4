/** What a process uses: processor, memory, descriptors, and how long its event loop was held up. Names as Prometheus' client libraries use. */
import { readdir } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';

import type { Clock } from '../../../ground/clock/index.ts';
import type { Metrics } from './metrics.ts';
import { readGauge } from './read-gauge.ts';

/** How often the event loop is looked at, in milliseconds: finer costs processor time in an idle process. Own choice. */
const eventLoopResolutionMs = 50;

/** @returns ends the measuring */
export function processMetrics(metrics: Metrics, clock: Clock): () => void {
  const cpu = metrics.counter({
    name: 'process_cpu_seconds',
    unit: 'seconds',
    help: 'Processor time that the process has used, user and system.',
  });
  readGauge(metrics, {
    name: 'process_resident_memory_bytes',
    unit: 'bytes',
    help: 'Memory of the process that is in RAM.',
    ask: () => process.memoryUsage.rss(),
  });
  readGauge(metrics, {
    name: 'nodejs_heap_used_bytes',
    unit: 'bytes',
    help: 'Memory that JavaScript objects use.',
    ask: () => process.memoryUsage().heapUsed,
  });
  readGauge(metrics, {
    name: 'process_open_fds',
    help: 'File descriptors that are open: files, sockets, pipes.',
    ask: openDescriptors,
  });
  const started = metrics.gauge({
    name: 'process_start_time_seconds',
    unit: 'seconds',
    help: 'When the process started, in seconds since 1970.',
  });
  const lag = metrics.gauge<'quantile'>({
    name: 'nodejs_eventloop_lag_seconds',
    unit: 'seconds',
    help: 'How long the event loop was held up since the last scrape.',
    labels: { quantile: ['0.5', '0.99', '1'] },
  });
  started.set({}, Math.round(clock.now() - process.uptime() * 1000) / 1000);
  // Enabled by the first scrape: where nobody scrapes it would wake an idle process for nothing.
  const delay = monitorEventLoopDelay({ resolution: eventLoopResolutionMs });
  metrics.beforeRead(() => {
    const { user, system } = process.cpuUsage();
    cpu.setTotal({}, (user + system) / 1e6);
    if (delay.count > 0) {
      for (const [quantile, percentile] of [
        ['0.5', 50],
        ['0.99', 99],
        ['1', 100],
      ] as const)
        lag.set({ quantile }, lagSeconds(delay.percentile(percentile)));
      delay.reset();
    }
    delay.enable();
  });
  return () => delay.disable();
}

/** The monitor tells the time between two looks; what is more than their distance is lag. */
function lagSeconds(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e9 - eventLoopResolutionMs / 1000);
}

/** Linux alone; one is the reading's own. */
async function openDescriptors(): Promise<number | undefined> {
  try {
    return (await readdir('/proc/self/fd')).length - 1;
  } catch {
    return undefined;
  }
}
