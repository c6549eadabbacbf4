import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plain } from '../output/paint.ts';
import { gatewayText } from './gateway-report.ts';

const decision = {
  decision: 'allowed',
  partner: 'acme',
  route: 'payments',
  count: 2,
  firstMs: 0,
  lastMs: 60_000,
} as const;

const textOf = (...decisions: Parameters<typeof gatewayText>[0]['decisions'][number][]): readonly string[] =>
  gatewayText(
    {
      ...{ name: 'edge', unreadable: 0, entries: 3, from: 1, through: 3, hash: 'ab', keys: [], findings: [], gaps: [] },
      ...{ decisions, others: 0, firstMs: 0, lastMs: 60_000 },
    },
    plain,
  ).split('\n');

test('the table has a column for the proxies where somebody came through one, and none else', () => {
  const direct = textOf(decision);
  assert.match(direct.at(-2) ?? '', /LAST$/);
  assert.match(direct.at(-1) ?? '', /^ payments .*1970-01-01 00:01$/);
  const both = textOf(decision, { ...decision, via: 'spiffe://bank.test/edge' });
  assert.match(both.at(-3) ?? '', /LAST +VIA$/);
  assert.match(both.at(-2) ?? '', / -$/);
  assert.match(both.at(-1) ?? '', / spiffe:\/\/bank\.test\/edge$/);
});
