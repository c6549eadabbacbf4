import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { NotAuthenticated } from './not-authenticated.ts';

const revoked = new Refusal('CS-PEER-008', { peer: 'orders', serialNumber: '1', revokedAt: 'now' });
const expired = new Refusal('CS-PEER-003', { subject: 'orders', reason: 'expired' });

test('a reason is told when it comes, not with each try, and again at most once a minute', () => {
  const clock = manualClock(0);
  const told: unknown[] = [];
  const target = new NotAuthenticated({ upstream: 'behind', target: 'https://a:1' }, clock, ({ code, evidence }) =>
    told.push([code, evidence['target'], evidence['code']].join(' ')),
  );
  const saying = (act: () => void): readonly unknown[] => {
    act();
    return told.splice(0);
  };
  const line = (reason: string): string => `CS-GATEWAY-041 https://a:1 ${reason}`;
  assert.deepEqual(
    saying(() => target.refused(revoked)),
    [line('CS-PEER-008')],
  );
  clock.advance(3_600_000);
  assert.deepEqual(
    saying(() => target.refused(revoked)),
    [],
    'it stands',
  );
  assert.deepEqual(
    saying(() => target.refused(expired)),
    [line('CS-PEER-003')],
    'another one',
  );
  target.authenticated();
  assert.deepEqual(
    saying(() => target.refused(expired)),
    [],
    'it came, went and came at once',
  );
  target.authenticated();
  clock.advance(60_000);
  assert.deepEqual(
    saying(() => target.ended(expired)),
    [line('CS-PEER-003')],
  );
});

test('what says nothing of who it is is not told: a target that is away, or a connection that broke', () => {
  const told: unknown[] = [];
  const target = new NotAuthenticated({ upstream: 'behind', target: 'https://a:1' }, manualClock(0), (why) =>
    told.push(why),
  );
  target.refused(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
  target.refused(new Refusal('CS-GATEWAY-040', { upstream: 'behind', target: 'https://a:1', waitedMs: 1 }));
  target.ended(new Error('read ECONNRESET'));
  assert.deepEqual(told, []);
});
