/** The series of one metric, by the values of its labels; their number is bounded whatever the callers say. */
import type { Labels, LabelValues, MetricDescription } from './metric.ts';

/** What stands for every value that is not among those of the label. */
export const otherValue = 'other';

/** Series of one metric. Own choice: some hundred codes of refusals, and room; a scrape of all metrics stays below 200 KB. */
export const mostSeries = 1000;

export class Series<Label extends string, Value> {
  readonly labelNames: readonly Label[];
  readonly #values: Readonly<Record<Label, LabelValues>>;
  readonly #series = new Map<string, { readonly values: readonly string[]; value: Value }>();
  readonly #make: () => Value;

  constructor({ labels }: MetricDescription<Label>, make: () => Value) {
    this.#values = labels ?? ({} as Readonly<Record<Label, LabelValues>>);
    this.labelNames = Object.keys(this.#values) as Label[];
    this.#make = make;
  }

  at(labels: Labels<Label>): { value: Value } {
    const values = this.labelNames.map((name) => this.#bounded(name, labels[name]));
    const known = this.#series.get(values.join('\0'));
    if (known !== undefined) return known;
    const kept = this.#series.size < mostSeries - 1 ? values : values.map(() => otherValue);
    const key = kept.join('\0');
    const series = this.#series.get(key) ?? { values: kept, value: this.#make() };
    this.#series.set(key, series);
    return series;
  }

  *read(): Generator<{ readonly labels: readonly (readonly [string, string])[]; readonly value: Value }> {
    for (const { values, value } of this.#series.values())
      yield { labels: this.labelNames.map((name, at) => [name, values[at] ?? otherValue] as const), value };
  }

  #bounded(name: Label, value: string): string {
    const allowed: LabelValues = this.#values[name];
    return (typeof allowed === 'function' ? allowed() : allowed).includes(value) ? value : otherValue;
  }
}
