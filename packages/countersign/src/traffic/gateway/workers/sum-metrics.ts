/** Metrics of several processes as those of one: what is counted is summed, of what is a state the least or the largest is told. */
import type { MetricFamily, Sample } from '../../../runtime/telemetry/index.ts';

/** Gauges that are no amounts. */
const least: ReadonlySet<string> = new Set(['countersign_gateway_target_well', 'process_start_time_seconds']);
const largest: ReadonlySet<string> = new Set(['nodejs_eventloop_lag_seconds']);

export function sumMetrics(all: readonly (readonly MetricFamily[])[]): readonly MetricFamily[] {
  const families = new Map<string, { readonly family: MetricFamily; readonly samples: Map<string, Sample> }>();
  for (const family of all.flat()) {
    const known = families.get(family.name) ?? { family, samples: new Map<string, Sample>() };
    families.set(family.name, known);
    for (const sample of family.samples) {
      const key = JSON.stringify([sample.suffix, sample.labels]);
      const before = known.samples.get(key);
      known.samples.set(key, before === undefined ? sample : joined(family.name, before, sample));
    }
  }
  return [...families.values()].map(({ family, samples }) => ({ ...family, samples: [...samples.values()] }));
}

/** Of a worker that has ended: what it counted goes on counting, lest a sum falls, which a reader would take for a restart. */
export function countedBefore(families: readonly MetricFamily[]): readonly MetricFamily[] {
  return families.filter(({ type }) => type !== 'gauge');
}

function joined(name: string, one: Sample, other: Sample): Sample {
  if (least.has(name)) return { ...one, value: Math.min(one.value, other.value) };
  if (largest.has(name)) return { ...one, value: Math.max(one.value, other.value) };
  return { ...one, value: one.value + other.value };
}
