/** What is counted of requests. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AccessCounts, type AccessRecord } from './access.ts';

function record(
  partner: string | undefined,
  route: string,
  atMs: number,
  decision: AccessRecord['decision'] = 'allowed',
): AccessRecord {
  const who = { address: '127.0.0.1', peer: undefined, thumbprint: undefined, via: undefined, traceId: undefined };
  const what = { host: 'a.test', method: 'GET', path: '/', protocol: 'HTTP/1.1', code: undefined, status: 200 };
  return { ...who, ...what, atMs, partner, route, decision, durationMs: 1 };
}

describe('the last calls', () => {
  it('are those of each partner at each route, and of nobody who was denied', () => {
    const counts = new AccessCounts();
    counts.add(record('acme', 'orders', 1));
    counts.add(record('acme', 'orders', 5));
    counts.add(record('acme', 'stock', 2));
    counts.add(record('beta', 'orders', 3));
    counts.add(record('beta', 'orders', 9, 'denied'));
    counts.add(record(undefined, 'orders', 9));
    assert.deepEqual(counts.lastCalls(), [
      { partner: 'acme', route: 'orders', atMs: 5 },
      { partner: 'acme', route: 'stock', atMs: 2 },
      { partner: 'beta', route: 'orders', atMs: 3 },
    ]);
    assert.equal(counts.requests, 6);
  });
});
