import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type FeedMessage, RevocationState, type RevokedEntry } from '../../identity/revocation/index.ts';
import { NewsOfStates } from './feed-news.ts';

const dayMs = 86_400_000;
const audit = { sequence: 1, hash: 'ab'.repeat(32) };
const bundle = { trustDomain: 'dev.internal', sequence: 1, anchors: [], intermediates: [] };
const entry = (serialNumber: string, reason: RevokedEntry['reason']): RevokedEntry => ({
  ...{ issuerKey: 'cd'.repeat(32), serialNumber, reason },
  ...{ revokedAt: 1_000, expiresAt: dayMs },
});
const numbered = (number: number) => ({ authority: 'ef'.repeat(32), number, at: 1_000 + number, audit });
const revokedOnce = { revokedAt: 1_000, expiresAt: dayMs, reason: 'unspecified' } as const;
const lease = { leaseMs: 60_000, heartbeatMs: 5_000 };

function tell(news: NewsOfStates, from: RevocationState, message: FeedMessage): [RevocationState, string[]] {
  const state = from.apply(message, message.at);
  return [state, news.after(state).map(({ what, subject }) => `${what} ${Object.values(subject).join(' ')}`)];
}

test('each change is told once; a whole state after an interruption is told as what is new in it', () => {
  const news = new NewsOfStates();
  const old = {
    kind: 'identity',
    identity: 'spiffe://dev.internal/old',
    notBeforeUntil: 1_000,
    ...revokedOnce,
  } as const;
  const [first, following] = tell(news, RevocationState.unknown, {
    ...{ kind: 'state', ...numbered(1), bundle, ...lease },
    revoked: [entry('01', 'superseded'), entry('02', 'certificateHold')],
    scopes: [old],
  });
  assert.deepEqual(following, ['following 2 1 1']);
  const [second, change] = tell(news, first, {
    ...{ kind: 'change', ...numbered(2) },
    revoked: [entry('03', 'keyCompromise'), entry('04', 'certificateHold')],
    released: [{ issuerKey: 'cd'.repeat(32), serialNumber: '02', expiresAt: dayMs }],
  });
  assert.deepEqual(change, ['revoked 03', 'held 04', 'released 02']);
  const [third, nothing] = tell(news, second, { kind: 'heartbeat', ...numbered(2) });
  assert.deepEqual(nothing, []);
  const identity = { kind: 'identity', identity: 'spiffe://dev.internal/web', notBeforeUntil: 1_000 } as const;
  const [, missed] = tell(news, third, {
    ...{ kind: 'state', ...numbered(5), bundle, ...lease },
    revoked: [
      entry('01', 'superseded'),
      entry('03', 'keyCompromise'),
      entry('04', 'superseded'),
      entry('05', 'unspecified'),
    ],
    scopes: [old, { ...identity, ...revokedOnce }],
  });
  assert.deepEqual(missed, ['revoked 04', 'revoked 05', 'revoked spiffe://dev.internal/web']);
});
