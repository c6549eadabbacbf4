/** What of a gateway of several processes the primary alone knows, as metrics. */
import type { MetricFamily } from '../../../runtime/telemetry/index.ts';

export interface PrimaryFigures {
  readonly generation: number;
  readonly workers: number;
  readonly restarts: number;
}

export function primaryMetrics({ generation, workers, restarts }: PrimaryFigures): readonly MetricFamily[] {
  const facts = [
    // A worker that was started again begins to count at one.
    ['countersign_gateway_generation', 'gauge', 'Grows by one with each configuration that was taken.', generation],
    ['countersign_gateway_workers', 'gauge', 'Processes that serve.', workers],
    ['countersign_gateway_worker_restarts', 'counter', 'Workers that ended without having been told to.', restarts],
  ] as const;
  return facts.map(([name, type, help, value]) => ({
    type,
    name,
    help,
    labelNames: [],
    samples: [{ suffix: type === 'counter' ? '_total' : '', labels: [], value }],
  }));
}
