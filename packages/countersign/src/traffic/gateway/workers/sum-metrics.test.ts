import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exposition, type MetricFamily, Metrics } from '../../../runtime/telemetry/index.ts';
import { countedBefore, sumMetrics } from './sum-metrics.ts';

const name = 'countersign_gateway_log_lines_not_written';

/** As a worker tells them that has left out so many lines of its log. */
async function told(lines: number, connections: number): Promise<readonly MetricFamily[]> {
  const metrics = new Metrics();
  metrics.counter({ name, help: 'of a test' }).setTotal({}, lines);
  metrics.gauge({ name: 'countersign_gateway_connections', help: 'of a test' }).set({}, connections);
  // As they come through the channel between the processes.
  return structuredClone(await metrics.read());
}

const text = (families: readonly MetricFamily[]): string => exposition(families, undefined).text;

test('lines that two workers did not write are one sum, which does not fall when one of them ends', async () => {
  const [one, other] = [await told(3, 5), await told(4, 6)];
  const both = text(sumMetrics([one, other]));
  assert.match(both, new RegExp(`^${name}_total 7$`, 'm'));
  assert.match(both, /^countersign_gateway_connections 11$/m);
  // The one is gone, and another has begun in its place.
  const gone = sumMetrics([[], countedBefore(one)]);
  const after = text(sumMetrics([await told(0, 1), other, gone]));
  assert.match(after, new RegExp(`^${name}_total 7$`, 'm'));
  assert.match(after, /^countersign_gateway_connections 7$/m);
});
