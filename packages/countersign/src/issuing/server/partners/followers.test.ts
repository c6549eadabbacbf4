/** A gateway whose question is open is waited for, however long ago it was put. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '../../../ground/clock/index.ts';
import type { PartnerRecord } from '../../partner-registry/index.ts';
import { PartnerFollowers } from './followers.ts';

const edge = 'spiffe://bank.test/gateway';

test('what a gateway closed counts where it has followed in silence for long', async () => {
  const clock = manualClock(0);
  const record = { name: 'acme', state: 'active', terms: { routes: '*', limits: {}, contacts: [] } };
  let records = [record as unknown as PartnerRecord];
  const followers = new PartnerFollowers({ clock, book: { page: async () => records } });
  const { version } = await followers.follow({ gateway: 'a' }, edge);
  const open = followers.follow({ gateway: 'a', have: version }, edge);
  // Until its question waits for a change.
  await new Promise(setImmediate);
  clock.advance(10_000);
  records = [{ ...record, state: 'suspended' } as unknown as PartnerRecord];
  const settled = followers.changed().settle(5_000);
  const { version: next } = await open;
  const closed = { connections: 2, requests: 1 };
  void followers.follow({ gateway: 'a', have: next, closed }, edge).catch(() => undefined);
  const { enforced, of, closed: counted, unreachable } = await settled;
  assert.deepEqual({ enforced, of, counted, unreachable }, { enforced: 1, of: 1, counted: closed, unreachable: [] });
  followers.close();
});
