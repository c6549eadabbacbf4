/** A gauge whose value is asked for at each reading: for what is cheaper asked than followed. */
import type { MetricDescription } from './metric.ts';
import type { Metrics } from './metrics.ts';

export interface ReadGauge extends MetricDescription {
  /** What it is now; `undefined`, or what it throws, leaves the last value. */
  readonly ask: () => number | undefined | Promise<number | undefined>;
}

export function readGauge(metrics: Metrics, { ask, ...description }: ReadGauge): void {
  const gauge = metrics.gauge(description);
  metrics.beforeRead(async () => {
    const value = await ask();
    if (value !== undefined) gauge.set({}, value);
  });
}
