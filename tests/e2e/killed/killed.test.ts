/**
 * The authority ended with `kill -9` while it issues, renews, revokes, makes tokens, migrates and backs up, at each named step and at random moments, and started again:
 * it serves without a hand, and what clients were told holds. `npm run crash -- --kills 1000` is the long run.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { campaign } from './campaign.ts';

/** One of each kind; the long run has all of them. */
const moments = [
  'claim-committed',
  'intent-written',
  'intent-recorded',
  'signed',
  'random',
  'certificate-committed',
  'revocation-written',
  'revocation-recorded',
  'starting',
  'migration-written',
  'revocation-told',
  'token-committed',
  'backing-up',
  'endpoint-written',
];

test('killed at one step of each kind', { timeout: 180_000 }, async (t) => {
  const deaths = await campaign({ kills: moments.length, moments });
  for (const { moment, acknowledged, asked, restartMs } of deaths)
    t.diagnostic(`${moment}: ${String(acknowledged)} of ${String(asked)} told; back in ${restartMs.toFixed(0)} ms`);
  // A run in which steps were hardly met would show nothing.
  assert.ok(deaths.filter(({ reached }) => reached).length > moments.length / 2);
});
