/** A partner's certificate that ends is told of ahead, once for each time, and not where it lives that long only. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '../../../ground/clock/index.ts';
import { Metrics, exposition } from '../../../runtime/telemetry/index.ts';
import type { VerifiedPeer } from '../../../runtime/tls/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { PartnerExpiries } from './partner-expiries.ts';

const dayMs = 86_400_000;
const nowMs = Date.now();
const authority = new TestAuthority();

function peer(fromMs: number, toMs: number): VerifiedPeer {
  const notAfter = nowMs + toMs;
  const { chain } = authority.issue('acme', { notBeforeMs: fromMs, notAfterMs: toMs });
  return { serialNumber: String(toMs), notAfter, certificate: chain[0] } as unknown as VerifiedPeer;
}

test('once at each time ahead, and no more once a later one was seen', async () => {
  const clock = manualClock(nowMs);
  const told: string[] = [];
  const expiries = new PartnerExpiries(clock, ({ evidence }) => told.push(String(evidence['serial'])));
  const first = peer(-80 * dayMs, 10 * dayMs);
  expiries.met('acme', first);
  expiries.met('acme', first);
  assert.equal(told.length, 1, 'within a month');
  clock.advance(4 * dayMs);
  assert.equal(told.length, 2, 'within a week');
  expiries.met('acme', peer(0, 100 * dayMs));
  expiries.met('acme', first);
  clock.advance(5.5 * dayMs);
  assert.equal(told.length, 2);
  expiries.met('beta', peer(-dayMs / 2, dayMs / 2));
  assert.equal(told.length, 2, 'renewed each day');
  const metrics = new Metrics();
  expiries.observe(metrics);
  expiries.keepOnly(new Set(['acme']));
  const { text } = exposition(await metrics.read(), undefined);
  const lines = text.split('\n').filter((line) => line.startsWith('countersign_gateway_partner_certificate'));
  assert.deepEqual(lines.length, 1, text);
  assert.ok(lines[0]?.includes('{partner="acme"} '), lines[0]);
  expiries.close();
});
