import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { systemClock } from '../../../ground/clock/index.ts';
import { Metrics, processMetrics } from '../../../runtime/telemetry/index.ts';
import { authorityMetrics } from './authority-metrics.ts';

const page = new URL('../../../../../../docs/telemetry.md', import.meta.url);

function rows(): string[] {
  const metrics = new Metrics();
  authorityMetrics(metrics, { profiles: () => [], routes: () => [], version: '0' });
  processMetrics(metrics, systemClock)();
  return metrics.describe().map(({ name, type, unit, labelNames, help }) => {
    const shown = type === 'counter' ? `${name}_total` : name;
    const labels = labelNames.map((label) => `\`${label}\``).join(', ');
    return `| \`${shown}\` | ${type} | ${unit ?? ''} | ${labels} | ${help} |`;
  });
}

/** Prettier pads the columns. */
function squeezed(line: string): string {
  return line.replace(/ {2,}/g, ' ').replaceAll('| |', '|  |');
}

test('each metric stands in docs/telemetry.md as it is, and nothing else does', () => {
  const written = readFileSync(page, 'utf8')
    .split('\n')
    .filter((line) => /^\| `(?:countersign|process|nodejs)_[a-z_]+` +\| (?:counter|gauge|histogram)/.test(line))
    .map(squeezed);
  assert.deepEqual(written, rows().map(squeezed));
});

test('no label can be chosen by a stranger', () => {
  const metrics = new Metrics();
  const instruments = authorityMetrics(metrics, {
    profiles: () => ['service'],
    routes: () => ['GET /v1/roots'],
    version: '0',
  });
  for (let count = 0; count < 5000; count++) {
    const text = `stranger-${String(count)}`;
    instruments.refusals.add({ code: text });
    instruments.requests.add({ route: text, status: text });
    instruments.issued.add({ profile: text, way: text });
  }
  for (const { samples } of metrics.describe())
    for (const { labels } of samples) assert.ok(!labels.some(([, value]) => value.includes('stranger')));
});
