import assert from 'node:assert/strict';
import { test } from 'node:test';

import { exposition } from './exposition.ts';
import { Metrics } from './metrics.ts';
import { mostSeries } from './series.ts';

function made(): Metrics {
  const metrics = new Metrics();
  const seen = metrics.counter<'code'>({
    name: 'seen',
    help: 'A "quoted" help\nof two lines.',
    labels: { code: ['a', 'b'] },
  });
  seen.add({ code: 'a' });
  seen.add({ code: 'somebody chose this' }, 2);
  metrics.gauge({ name: 'size_bytes', unit: 'bytes', help: 'Size.' }).set({}, 1.5);
  const took = metrics.histogram({ name: 'took_seconds', unit: 'seconds', help: 'Time.', buckets: [0.1, 1] });
  took.observe({}, 0.1);
  took.observe({}, 5);
  return metrics;
}

test("Prometheus' text: totals, buckets that add up, and no value that somebody else chose", async () => {
  const { contentType, text } = exposition(await made().read(), undefined);
  assert.equal(contentType, 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(
    text,
    [
      '# HELP seen_total A "quoted" help\\nof two lines.',
      '# TYPE seen_total counter',
      'seen_total{code="a"} 1',
      'seen_total{code="other"} 2',
      '# HELP size_bytes Size.',
      '# TYPE size_bytes gauge',
      'size_bytes 1.5',
      '# HELP took_seconds Time.',
      '# TYPE took_seconds histogram',
      'took_seconds_bucket{le="0.1"} 1',
      'took_seconds_bucket{le="1.0"} 1',
      'took_seconds_bucket{le="+Inf"} 2',
      'took_seconds_sum 5.1',
      'took_seconds_count 2',
      '',
    ].join('\n'),
  );
});

test('OpenMetrics: families without _total, units, an end', async () => {
  const { contentType, text } = exposition(await made().read(), 'application/openmetrics-text; version=1.0.0');
  assert.equal(contentType, 'application/openmetrics-text; version=1.0.0; charset=utf-8');
  assert.ok(
    text.startsWith('# TYPE seen counter\n# HELP seen A \\"quoted\\" help\\nof two lines.\nseen_total{code="a"} 1\n'),
    text,
  );
  assert.ok(text.includes('# TYPE size_bytes gauge\n# UNIT size_bytes bytes\n'));
  assert.ok(text.endsWith('took_seconds_count 2\n# EOF\n'));
});

test('the scraper decides the format, by its weights', async () => {
  const families = await made().read();
  const chosen = (accept: string): boolean =>
    exposition(families, accept).contentType.startsWith('application/openmetrics');
  // As Prometheus 3 asks.
  assert.ok(
    chosen(
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    ),
  );
  for (const accept of [
    '',
    '*/*',
    'text/plain',
    'text/html',
    'application/openmetrics-text;q=0',
    'application/openmetrics-text;version=2.0.0',
    'application/openmetrics-text;q=0.1,text/plain;q=0.9',
    ';;;=,,',
  ])
    assert.ok(!chosen(accept), accept);
});

test('the series of a metric are bounded, whatever its labels are', async () => {
  const metrics = new Metrics();
  const many = Array.from({ length: 100 }, (_, at) => String(at));
  const counter = metrics.counter<'x' | 'y'>({ name: 'many', help: 'Many.', labels: { x: many, y: () => many } });
  for (const x of many) for (const y of many) counter.add({ x, y });
  const [family] = await metrics.read();
  assert.equal(family?.samples.length, mostSeries);
  assert.equal(
    family.samples.reduce((sum, { value }) => sum + value, 0),
    10_000,
  );
});

test('a measure that fails leaves the others', async () => {
  const metrics = new Metrics();
  const gauge = metrics.gauge({ name: 'g', help: 'G.' });
  metrics.beforeRead(() => {
    throw new Error('no disk');
  });
  metrics.beforeRead(() => gauge.set({}, 7));
  assert.equal((await metrics.read())[0]?.samples[0]?.value, 7);
});

test('what is no metric is a mistake of the caller', () => {
  const metrics = new Metrics();
  assert.throws(() => metrics.gauge({ name: 'Bad', help: '' }), TypeError);
  assert.throws(() => metrics.counter({ name: 'x_total', help: '' }), TypeError);
  assert.throws(() => metrics.gauge({ name: 'size', unit: 'bytes', help: '' }), TypeError);
  assert.throws(() => metrics.histogram({ name: 'h', help: '', buckets: [2, 1] }), TypeError);
  metrics.gauge({ name: 'once', help: '' });
  assert.throws(() => metrics.gauge({ name: 'once', help: '' }), TypeError);
  assert.throws(() => metrics.counter({ name: 'down', help: '' }).add({}, -1), TypeError);
});
