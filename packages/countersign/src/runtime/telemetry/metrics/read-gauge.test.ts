/** Gauges that are asked when somebody reads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metrics } from './metrics.ts';
import { readGauge } from './read-gauge.ts';

async function valueOf(metrics: Metrics): Promise<number | undefined> {
  const [family] = await metrics.read();
  return family?.samples[0]?.value;
}

test('a gauge is asked at each reading, and what is not known or fails leaves the last value', async () => {
  const metrics = new Metrics();
  const answers: (() => number | undefined | Promise<number>)[] = [
    () => undefined,
    () => 1,
    () => Promise.resolve(2),
    () => undefined,
    () => {
      throw new Error('not now');
    },
    () => 3,
  ];
  readGauge(metrics, { name: 'asked', help: 'Asked.', ask: () => answers.shift()?.() });
  const told: (number | undefined)[] = [];
  while (answers.length > 0) told.push(await valueOf(metrics));
  assert.deepEqual(told, [undefined, 1, 2, 2, 2, 3]);
});
