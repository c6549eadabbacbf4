/** Metrics as text: Prometheus' format 0.0.4, or OpenMetrics 1.0 where the scraper asks for it. */
import type { MetricFamily, Sample } from './metric.ts';

export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/** @param accept the request's header `Accept` */
export function exposition(families: readonly MetricFamily[], accept: string | undefined): Exposition {
  return prefersOpenMetrics(accept ?? '')
    ? { contentType: 'application/openmetrics-text; version=1.0.0; charset=utf-8', text: openMetricsText(families) }
    : { contentType: 'text/plain; version=0.0.4; charset=utf-8', text: prometheusText(families) };
}

/** Prometheus lists several versions with weights; ours is taken where it is wanted at least as much as plain text. */
function prefersOpenMetrics(accept: string): boolean {
  const weights = accept.split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const version = parameters.find((one) => one.startsWith('version='))?.slice('version='.length);
    const weight = Number(parameters.find((one) => one.startsWith('q='))?.slice(2) ?? 1);
    return { type, version, weight: Number.isFinite(weight) ? weight : 0 };
  });
  const most = (wanted: string, versions: readonly (string | undefined)[]): number =>
    Math.max(
      0,
      ...weights.filter(({ type, version }) => type === wanted && versions.includes(version)).map((one) => one.weight),
    );
  const open = most('application/openmetrics-text', [undefined, '1.0.0']);
  return open > 0 && open >= most('text/plain', [undefined, '0.0.4']);
}

function prometheusText(families: readonly MetricFamily[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .map((family) => {
      const name = family.type === 'counter' ? `${family.name}_total` : family.name;
      // Help: backslash and line feed are escaped, quotes are not.
      const help = family.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
      return `# HELP ${name} ${help}\n# TYPE ${name} ${family.type}\n${samplesText(family)}`;
    })
    .join('');
}

function openMetricsText(families: readonly MetricFamily[]): string {
  const parts = families
    .filter(({ samples }) => samples.length > 0)
    .map((family) => {
      const unit = family.unit === undefined ? '' : `# UNIT ${family.name} ${family.unit}\n`;
      return `# TYPE ${family.name} ${family.type}\n${unit}# HELP ${family.name} ${escaped(family.help)}\n${samplesText(family)}`;
    });
  return `${parts.join('')}# EOF\n`;
}

function samplesText({ name, samples }: MetricFamily): string {
  return samples.map((sample) => `${name}${sample.suffix}${labelsText(sample)} ${numberText(sample.value)}\n`).join('');
}

function labelsText({ labels }: Sample): string {
  return labels.length === 0 ? '' : `{${labels.map(([name, value]) => `${name}="${escaped(value)}"`).join(',')}}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}
