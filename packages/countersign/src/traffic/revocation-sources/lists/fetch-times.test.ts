import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leastBetweenMs, untilNextFetchMs, untilRetryMs, warnAheadMs } from './fetch-times.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const spread = [0, 0.25, 0.5, 0.75, 1 - 2 ** -53];

test('a list is fetched again when between a third and half of its time is left, or sooner where that is asked for', () => {
  const bounds = (state: Parameters<typeof untilNextFetchMs>[0]): number[] => {
    const all = spread.map((at) => untilNextFetchMs(state, () => at));
    return [Math.min(...all), Math.max(...all)];
  };
  assert.deepEqual(bounds({ leftMs: 12 * hourMs, fetchEveryMs: 100 * hourMs }), [6 * hourMs, 8 * hourMs]);
  assert.deepEqual(bounds({ leftMs: 12 * hourMs, fetchEveryMs: hourMs }), [45 * minuteMs, hourMs]);
  assert.deepEqual(bounds({ leftMs: 12 * hourMs, fetchEveryMs: hourMs, cacheMs: 4 * minuteMs }), [
    3 * minuteMs,
    4 * minuteMs,
  ]);
  assert.deepEqual(bounds({ leftMs: 12 * hourMs, fetchEveryMs: hourMs, cacheMs: 0 }), [45 * minuteMs, hourMs]);
  assert.deepEqual(bounds({ leftMs: 1, fetchEveryMs: hourMs, cacheMs: 1 }), [leastBetweenMs, leastBetweenMs]);
});

test('failures are waited out longer and longer, not beyond ten minutes nor an eighth of what is left', () => {
  const waits = (leftMs: number, at: number): number[] =>
    [1, 2, 3, 6, 7, 1000].map((failures) => untilRetryMs(failures, leftMs, () => at));
  assert.deepEqual(waits(0, 0), [5000, 10_000, 20_000, 160_000, 300_000, 300_000]);
  assert.deepEqual(waits(0, 1 - 2 ** -53), [10_000, 20_000, 40_000, 320_000, 600_000, 600_000]);
  assert.deepEqual(waits(8 * minuteMs, 1 - 2 ** -53), [10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
  assert.deepEqual(waits(1000, 1 - 2 ** -53), [10_000, 10_000, 10_000, 10_000, 10_000, 10_000]);
});

test('the end is told a quarter of a life ahead, at least an hour, as far as there is one', () => {
  assert.equal(warnAheadMs(24 * hourMs, true), 6 * hourMs);
  assert.equal(warnAheadMs(24 * hourMs, false), 3 * hourMs);
  assert.equal(warnAheadMs(2 * hourMs, true), hourMs);
  assert.equal(warnAheadMs(hourMs, true), hourMs / 2);
});
