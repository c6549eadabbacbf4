/** Made chains before four judges: whoever differs from what the generator knows is explained, or the test fails. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { missing } from '../../interop/peers.ts';
import { type Chain, chainOf } from './chain.ts';
import { compare, type Comparison, describeDifference, unused } from './compare.ts';
import { keyPool } from './draft.ts';
import { flaws } from './flaws.ts';
import { countersign, go, type Judge, openssl, peculiar } from './judges.ts';
import { knownDifferences } from './known-differences.ts';

const seed = Number(process.env['DIFFERENTIAL_SEED'] ?? 1);
const count = Number(process.env['DIFFERENTIAL_CHAINS'] ?? 600);

const judges: readonly { readonly judge: Judge; readonly skip: string | false }[] = [
  { judge: countersign, skip: false },
  { judge: openssl, skip: missing('openssl') },
  { judge: go, skip: missing('go') },
  { judge: peculiar, skip: false },
];

describe(`${count} chains of seed ${seed} (DIFFERENTIAL_SEED, DIFFERENTIAL_CHAINS)`, () => {
  let chains: readonly Chain[] = [];
  const comparisons: Comparison[] = [];
  before(() => {
    const keys = keyPool(seed);
    chains = Array.from({ length: count }, (_, number) => chainOf(seed, keys, number));
  });

  for (const { judge, skip } of judges) {
    test(`${judge.name}: every difference is explained`, { skip }, async () => {
      const comparison = await compare(judge, chains);
      comparisons.push(comparison);
      const told = comparison.unexplained.map(describeDifference);
      assert.deepEqual(told, [], `npm run -s conformance:differential -- --seed ${seed} --number N --pem DIR`);
    });
  }

  test('an entry of the known differences that explains none has to go', () => {
    // Few chains, or those of another seed, may not hold each of them.
    if (count < 600) return;
    assert.deepEqual(unused(comparisons), []);
  });

  test('every flaw is there, and a third of the chains is sound', () => {
    const made = new Set(chains.map(({ flaw }) => flaw?.name));
    assert.deepEqual(
      flaws.filter(({ name }) => !made.has(name)),
      [],
    );
    assert.equal(chains.filter(({ flaw }) => flaw === undefined).length, Math.ceil(count / 3));
  });
});

test('what is known of chain and difference: each says why', () => {
  assert.ok(flaws.every(({ clause }) => clause !== ''));
  assert.ok(knownDifferences.every(({ reason }) => reason !== ''));
});

test('a verdict that differs and is not listed is found', async () => {
  const keys = keyPool(seed);
  const chains = [chainOf(seed, keys, 0), chainOf(seed, keys, 1)];
  const contrary: Judge = {
    name: 'countersign',
    decides: () => true,
    judge: async (asked) =>
      new Map(asked.map(({ number, flaw }) => [number, { accepts: flaw !== undefined, why: 'contrary' }])),
  };
  const { unexplained, agreed } = await compare(contrary, chains);
  assert.equal(agreed, 0);
  assert.deepEqual(
    unexplained.map(({ chain }) => chain.number),
    [0, 1],
  );
});

test('the same seed and number make the same chain', () => {
  const [one, other] = [keyPool(7), keyPool(7)];
  for (const number of [0, 1, 2, 50]) {
    const [a, b] = [chainOf(7, one, number), chainOf(7, other, number)];
    assert.deepEqual([a.flaw, [...a.traits], a.asked], [b.flaw, [...b.traits], b.asked]);
    assert.equal(a.intermediates.length, b.intermediates.length);
  }
});
