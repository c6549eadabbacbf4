/** What an acknowledgement may carry. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { acknowledgeFeed, longestReportedText, mostReportedSources } from './index.ts';

const source = {
  means: 'crl',
  source: 'http://crl.corp.example/issuing.crl',
  issuer: 'CN=Corp Issuing',
  thisUpdate: '2026-01-01T00:00:00Z',
  nextUpdate: '2026-01-02T00:00:00Z',
  freshUntil: '2026-01-01T12:00:00Z',
  failure: 'CS-CRL-033',
};

function accepts(sources: readonly unknown[], more: object = {}): boolean {
  const means = { undetermined: 'refuse', sources, ...more };
  return acknowledgeFeed.request.safeParse({ endpoint: 'web0000000000000', number: 1, closed: 0, means }).success;
}

test('a report of means is taken whole, without what is not known, and empty', () => {
  assert.ok(accepts([source]));
  assert.ok(accepts([{ means: 'ocsp', source: 'http://ocsp.corp.example' }]));
  assert.ok(accepts([]));
  assert.ok(accepts(new Array(mostReportedSources).fill({ ...source, source: 'x'.repeat(longestReportedText) })));
});

test('a report that is too long, or holds what is not described, is refused', () => {
  assert.ok(!accepts(new Array(mostReportedSources + 1).fill(source)));
  for (const bad of [
    { source: 'x'.repeat(longestReportedText + 1) },
    { source: '' },
    { source: 'a\u001b[2J' },
    { issuer: 'x'.repeat(longestReportedText + 1) },
    { means: 'feed' },
    { thisUpdate: 'yesterday' },
    { freshUntil: 1_767_225_600_000 },
    { failure: 'because' },
    { fetchedAt: '2026-01-01T00:00:00Z' },
  ])
    assert.ok(!accepts([{ ...source, ...bad }]), JSON.stringify(bad));
  assert.ok(!accepts([source], { undetermined: 'maybe' }));
  assert.ok(!accepts([source], { more: 1 }));
});
