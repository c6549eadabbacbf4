import assert from 'node:assert/strict';
import { test } from 'node:test';

import { manualClock, type ManualClock } from '../../ground/clock/index.ts';
import { memoryJournal, type MemoryJournal } from '../audit/index.ts';
import { exportContinuously } from './index.ts';

interface Scene {
  readonly clock: ManualClock;
  readonly journal: MemoryJournal;
  readonly sent: number[];
  readonly failures: unknown[];
  away: boolean;
  cursor: number;
  begin(): () => Promise<void>;
  write(count: number): void;
  pass(): Promise<void>;
}

function scene(): Scene {
  const clock = manualClock(0);
  const journal = memoryJournal();
  const here: Scene = {
    ...{ clock, journal, sent: [], failures: [], away: false, cursor: 0 },
    begin: () =>
      exportContinuously({
        ...{ journal, clock, onFailure: (error) => here.failures.push(error) },
        target: {
          send: async (entries) => {
            if (here.away) throw new Error('away');
            here.sent.push(...entries.map(({ sequence }) => sequence));
          },
          close: async () => undefined,
        },
        cursor: { load: async () => here.cursor, save: async (sequence) => void (here.cursor = sequence) },
      }),
    write: (count) => {
      for (let n = 0; n < count; n++) journal.write([{ atMs: 1, action: 'store.check', facts: {}, personal: {} }]);
    },
    pass: async () => {
      for (let n = 0; n < 20; n++) await Promise.resolve();
      clock.advance(60_000);
      for (let n = 0; n < 60; n++) await Promise.resolve();
    },
  };
  return here;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

test('entries go out in order as the log grows, and after a restart from where it was left', async () => {
  const here = scene();
  here.write(450);
  const end = here.begin();
  await here.pass();
  here.write(2);
  await here.pass();
  assert.deepEqual(here.sent, upTo(452));
  here.write(1);
  await end();
  // What was written last goes out before the end.
  assert.equal(here.cursor, 453);
  here.write(1);
  const again = here.begin();
  await here.pass();
  await again();
  assert.deepEqual(here.sent, upTo(454));
});

test('a receiver that is away is told of once, and gets everything when it is back', async () => {
  const here = scene();
  here.away = true;
  here.write(3);
  const end = here.begin();
  for (let n = 0; n < 4; n++) await here.pass();
  assert.deepEqual([here.sent, here.failures.length], [[], 1]);
  here.away = false;
  await here.pass();
  assert.deepEqual(here.sent, upTo(3));
  await end();
});
