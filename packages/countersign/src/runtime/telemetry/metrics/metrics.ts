/** The metrics of one process or one server: defined once, changed as things happen, read when somebody scrapes. No globals. */
import type {
  Counter,
  Gauge,
  Histogram,
  HistogramDescription,
  MetricDescription,
  MetricFamily,
  MetricType,
  Sample,
} from './metric.ts';
import { Series } from './series.ts';

interface Defined {
  readonly description: MetricDescription<string>;
  readonly type: MetricType;
  readonly labelNames: readonly string[];
  readonly samples: () => Sample[];
}

interface Observed {
  readonly counts: number[];
  sum: number;
}

export class Metrics {
  readonly #defined = new Map<string, Defined>();
  readonly #beforeRead: (() => Promise<void> | void)[] = [];

  counter<Label extends string = never>(description: MetricDescription<Label>): Counter<Label> {
    const series = new Series<Label, number>(description, () => 0);
    this.#define('counter', description, series.labelNames, () =>
      [...series.read()].map((one) => ({ suffix: '_total', ...one })),
    );
    if (series.labelNames.length === 0) series.at({} as never);
    return {
      add: (labels, amount = 1) => {
        if (!(amount >= 0)) throw new TypeError(`${description.name}: a counter only grows`);
        series.at(labels).value += amount;
      },
      setTotal: (labels, total) => {
        series.at(labels).value = total;
      },
    };
  }

  gauge<Label extends string = never>(description: MetricDescription<Label>): Gauge<Label> {
    const series = new Series<Label, number>(description, () => 0);
    this.#define('gauge', description, series.labelNames, () =>
      [...series.read()].map((one) => ({ suffix: '', ...one })),
    );
    return {
      set: (labels, value) => {
        series.at(labels).value = value;
      },
    };
  }

  histogram<Label extends string = never>(description: HistogramDescription<Label>): Histogram<Label> {
    const { buckets } = description;
    const rising = buckets.every((bound, at) => at === 0 || bound > (buckets[at - 1] ?? Infinity));
    if (!rising || buckets.length === 0) throw new TypeError(`${description.name}: the buckets rise`);
    const series = new Series<Label, Observed>(description, () => ({
      counts: new Array<number>(buckets.length + 1).fill(0),
      sum: 0,
    }));
    this.#define('histogram', description, series.labelNames, () => histogramSamples(series, buckets));
    return {
      observe: (labels, value) => {
        const { value: observed } = series.at(labels);
        const at = buckets.findIndex((bound) => value <= bound);
        const bucket = at === -1 ? buckets.length : at;
        observed.counts[bucket] = (observed.counts[bucket] ?? 0) + 1;
        observed.sum += value;
      },
    };
  }

  /** Called before each reading: for what is cheaper asked than followed. What it throws leaves the last values. */
  beforeRead(measure: () => Promise<void> | void): void {
    this.#beforeRead.push(measure);
  }

  async read(): Promise<readonly MetricFamily[]> {
    await Promise.allSettled(this.#beforeRead.map(async (measure) => measure()));
    return this.describe();
  }

  /** As they are, in the order in which they were defined. */
  describe(): readonly MetricFamily[] {
    return [...this.#defined.values()].map(({ description, type, labelNames, samples }) => ({
      type,
      name: description.name,
      help: description.help,
      ...(description.unit === undefined ? {} : { unit: description.unit }),
      labelNames,
      samples: samples(),
    }));
  }

  #define(
    type: MetricType,
    description: MetricDescription<string>,
    labelNames: readonly string[],
    samples: () => Sample[],
  ): void {
    const { name, unit } = description;
    if (!/^[a-z][a-z0-9_]*$/.test(name) || name.endsWith('_total')) throw new TypeError(`${name}: not a metric's name`);
    if (unit !== undefined && !name.endsWith(`_${unit}`)) throw new TypeError(`${name}: ends with its unit, ${unit}`);
    if (this.#defined.has(name)) throw new TypeError(`${name} is defined twice`);
    this.#defined.set(name, { description, type, labelNames, samples });
  }
}

function histogramSamples<Label extends string>(series: Series<Label, Observed>, buckets: readonly number[]): Sample[] {
  return [...series.read()].flatMap(({ labels, value: { counts, sum } }) => {
    let below = 0;
    const cumulative = counts.map((count, at) => {
      below += count;
      const bound = buckets[at];
      const le = bound === undefined ? '+Inf' : boundText(bound);
      return { suffix: '_bucket', labels: [...labels, ['le', le] as const], value: below };
    });
    return [...cumulative, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: below }];
  });
}

/** A floating-point number in its canonical form, so that "1" is written "1.0" (OpenMetrics 1.0, "Canonical Numbers"). */
function boundText(bound: number): string {
  return Number.isInteger(bound) ? bound.toFixed(1) : String(bound);
}
