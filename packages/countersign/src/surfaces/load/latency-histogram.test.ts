import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatencyHistogram } from './index.ts';

/** A fixed sequence of numbers from 0 to 1: a failure must come again. */
function* pseudoRandom(): Generator<number, never> {
  let state = 42;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

const quantiles = [0, 0.001, 0.5, 0.9, 0.99, 0.999, 0.9999, 1];

test('each quantile is that of the sorted values, to 1 part in 128, from a microsecond to an hour', () => {
  const random = pseudoRandom();
  const histogram = new LatencyHistogram();
  const values = Array.from({ length: 20_000 }, () => Math.round(10 ** (6.5 * random.next().value)) / 1000);
  for (const ms of values) histogram.record(ms);
  const sorted = values.toSorted((a, b) => a - b);
  for (const quantile of quantiles) {
    const exact = sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)]!;
    const told = histogram.quantile(quantile);
    assert.ok(told >= exact && told <= exact * (1 + 1 / 128), `${quantile}: ${told} for ${exact}`);
  }
  assert.equal(histogram.count, values.length);
  assert.equal(histogram.maxMs, sorted.at(-1));
  assert.equal(
    histogram.octaves().reduce((sum, { count }) => sum + count, 0),
    values.length,
  );
  for (const [index, { belowMs, count }] of histogram.octaves().entries())
    assert.equal(count, values.filter((ms) => ms < belowMs && ms >= (index === 0 ? 0 : belowMs / 2)).length);
});

test('a bucket begins where the one before ends', () => {
  for (let us = 1; us < 3_000_000; us += us < 5000 ? 1 : 997) {
    const histogram = new LatencyHistogram();
    histogram.record(us / 1000);
    // The greatest of the bucket would be told but for the greatest of all, which is exact.
    histogram.record(3_600_000);
    const told = Math.round(histogram.quantile(0.5) * 1000);
    assert.ok(told >= us && told < us * (1 + 1 / 128), `${told} for ${us}`);
  }
});

test('nothing recorded is nothing, and what is longer than its range keeps its maximum', () => {
  const histogram = new LatencyHistogram();
  assert.equal(histogram.quantile(0.99), 0);
  assert.deepEqual(histogram.octaves(), []);
  histogram.record(1e8);
  assert.equal(histogram.maxMs, 1e8);
  assert.ok(histogram.quantile(0.5) > 4e6);
});
