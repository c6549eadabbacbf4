/** What a metric is: its name, what it tells, its unit, and labels whose values are known beforehand. */

/**
 * The values that a label may have; another one is counted under `other`. A function, where the values are settings. Never a name, a serial number, an
 * address or whatever else a stranger chooses: each value is a series that every scrape carries from then on.
 */
export type LabelValues = readonly string[] | (() => readonly string[]);

export interface MetricDescription<Label extends string = never> {
  /** Snake case; ends with the unit where there is one (OpenMetrics 1.0, "Units and Base Units"). A counter's `_total` is added. */
  readonly name: string;
  /** One sentence. */
  readonly help: string;
  readonly unit?: 'seconds' | 'bytes' | 'ratio';
  readonly labels?: Readonly<Record<Label, LabelValues>>;
}

export interface HistogramDescription<Label extends string = never> extends MetricDescription<Label> {
  /** Upper bounds, rising, without infinity. */
  readonly buckets: readonly number[];
}

export type Labels<Label extends string> = Readonly<Record<Label, string>>;

export interface Counter<Label extends string = never> {
  /** @param amount not negative; default 1 */
  add(labels: Labels<Label>, amount?: number): void;
  /** For what is counted elsewhere, as by the kernel: the whole count. */
  setTotal(labels: Labels<Label>, total: number): void;
}

export interface Gauge<Label extends string = never> {
  set(labels: Labels<Label>, value: number): void;
}

export interface Histogram<Label extends string = never> {
  observe(labels: Labels<Label>, value: number): void;
}

export type MetricType = 'counter' | 'gauge' | 'histogram';

export interface Sample {
  /** What follows the family's name: `_total`, `_bucket`, or nothing. */
  readonly suffix: string;
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly value: number;
}

/** A metric as it is read. */
export interface MetricFamily {
  readonly type: MetricType;
  readonly name: string;
  readonly help: string;
  readonly unit?: string;
  readonly labelNames: readonly string[];
  readonly samples: readonly Sample[];
}
