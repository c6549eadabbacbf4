import assert from 'node:assert/strict';
import { test } from 'node:test';

import { manualClock } from '../../ground/clock/index.ts';
import type { EndpointRecord, EndpointRegister } from './endpoint-register.ts';
import { Endpoints } from './endpoints.ts';

const leaseMs = 60_000;
const register: EndpointRegister = {
  record: async () => undefined,
  touch: async () => undefined,
  load: async () => [],
};

test('one identity holds leases under so many names, whoever else has how many; a name that is known, or free again, is let in', async () => {
  const clock = manualClock(1_000_000);
  const endpoints = await Endpoints.load(register, clock, leaseMs);
  const [web, db] = ['spiffe://dev.internal/web', 'spiffe://dev.internal/db'];
  const name = (spiffeId: string, mark: number) => ({ spiffeId, endpoint: String(mark).padStart(16, '0') });
  for (let mark = 0; mark < 10_000; mark++) {
    await endpoints.subscribe(name(web, mark), '01');
    endpoints.unsubscribe(name(web, mark));
  }
  await assert.rejects(endpoints.subscribe(name(web, 10_000), '01'), {
    code: 'CS-ACCESS-008',
    evidence: { spiffeId: web, maximum: 10_000 },
  });
  await endpoints.subscribe(name(web, 5), '01');
  await endpoints.subscribe(name(db, 0), '02');
  await endpoints.leave(name(web, 7));
  await endpoints.subscribe(name(web, 10_000), '01');
  assert.equal(endpoints.holders().length, 10_001);
  clock.advance(leaseMs + 1);
  await endpoints.save(clock.now());
  assert.deepEqual(
    endpoints.holders().map(({ spiffeId }) => spiffeId),
    [web, db, web],
  );
  await endpoints.subscribe(name(web, 20_000), '01');
});

test('a clock here that jumps ends nobody’s lease: by the monotonic clock it goes on, and its end is told by the clock as it is then', async () => {
  const clock = manualClock(1_000_000);
  const endpoints = await Endpoints.load(register, clock, leaseMs);
  const web = { spiffeId: 'spiffe://dev.internal/web', endpoint: '0000000000000000' };
  const ends = (): (number | undefined)[] => endpoints.holders().map(({ leaseEndsMs }) => leaseEndsMs - clock.now());
  await endpoints.subscribe(web, '01');
  clock.advance(5_000);
  endpoints.reached(clock.now());
  endpoints.unsubscribe(web);
  clock.setNow(clock.now() + 12 * 3_600_000);
  await endpoints.save(clock.now());
  assert.deepEqual(ends(), [leaseMs]);
  clock.advance(leaseMs - 1);
  assert.deepEqual(ends(), [1]);
  clock.advance(1);
  await endpoints.save(clock.now());
  assert.deepEqual(ends(), []);
  // Back: said to be later than it is rather than earlier.
  await endpoints.subscribe(web, '01');
  endpoints.unsubscribe(web);
  clock.setNow(clock.now() - 3_600_000);
  assert.deepEqual(ends(), [leaseMs + 3_600_000]);
});

test('who is missing is who is expected and has not acknowledged', async () => {
  const clock = manualClock(1_000_000);
  const endpoints = await Endpoints.load(register, clock, leaseMs);
  const web = { spiffeId: 'spiffe://dev.internal/web', endpoint: '0000000000000000' };
  await endpoints.subscribe(web, '01');
  assert.deepEqual([endpoints.missing(0), endpoints.missing(1)], [false, true]);
  await endpoints.acknowledge({ ...web, number: 1, closed: 0 }, 1);
  assert.deepEqual([endpoints.missing(1), endpoints.missing(2)], [false, true]);
  endpoints.unsubscribe(web);
  assert.equal(endpoints.missing(2), true);
  clock.advance(1_001);
  assert.equal(endpoints.missing(2), false);
});

test('whose certificate was revoked is not waited for, and not brought back by a crash', async () => {
  const clock = manualClock(1_000_000);
  const kept = new Map<string, EndpointRecord>();
  const disk: EndpointRegister = {
    ...register,
    record: async (records) => {
      for (const record of records) kept.set(record.spiffeId, record);
    },
    load: async (sinceMs) => [...kept.values()].filter(({ seenAtMs }) => seenAtMs >= sinceMs),
  };
  const endpoints = await Endpoints.load(disk, clock, leaseMs);
  await endpoints.subscribe({ spiffeId: 'spiffe://dev.internal/web', endpoint: '0000000000000000' }, '01');
  await endpoints.subscribe({ spiffeId: 'spiffe://dev.internal/db', endpoint: '0000000000000000' }, '02');
  await endpoints.forgetCertificates(['01']);
  // Nothing is saved in between.
  for (const those of [endpoints, await Endpoints.load(disk, clock, leaseMs)]) {
    assert.deepEqual(
      those.holders().map(({ spiffeId }) => spiffeId),
      ['spiffe://dev.internal/db'],
    );
  }
});
