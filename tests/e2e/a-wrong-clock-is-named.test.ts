/** A clock that is off by an hour or a day: said as such, with the side that is ahead, and the token stays unused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { generatePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { enroll, renew } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { startAuthority } from './authority-process.ts';

const hour = 3_600_000;

function off(ms: number): Clock {
  return { ...systemClock, now: () => systemClock.now() + ms };
}

test('enrolment and renewal under a wrong clock', async (t) => {
  const authority = await startAuthority(t);
  const token = await authority.token(['web']);
  const privateKey = generatePrivateKey('P-256');
  for (const [ms, ahead] of [
    [hour, "this machine's clock"],
    [-hour, "the authority's clock"],
  ] as const) {
    await assert.rejects(
      enroll({ token, privateKey, clock: off(ms) }),
      ({ code, evidence, exit }: { code: string; evidence: Record<string, unknown>; exit: number }) => {
        assert.deepEqual([code, evidence['apart'], evidence['ahead'], exit], ['CS-CLOCK-001', '1 h', ahead, 3]);
        return true;
      },
    );
  }
  const held = await enroll({ token, privateKey: generatePrivateKey('P-256') });
  // The authority's own certificate looks expired, or not yet valid: the clock is what is said.
  await assert.rejects(renew({ held, clock: off(-hour) }), { code: 'CS-CLOCK-001' });
  await assert.rejects(renew({ held, clock: off(30 * 24 * hour) }), { code: 'CS-CLOCK-001' });
});
