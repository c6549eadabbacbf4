import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock, parseRfc3339, sleep, systemClock, toRfc3339 } from './index.ts';

test('a manual clock runs what falls due, in order, each at its own moment', () => {
  const clock = manualClock(1_000_000);
  const ran: string[] = [];
  const note = (name: string) => (): void => {
    ran.push(`${name} at ${clock.now()}/${clock.monotonic()}`);
  };
  clock.after(30, note('c'));
  clock.after(10, () => {
    note('a')();
    clock.after(5, note('b'));
    clock.after(100, note('late'));
  });
  clock.after(30, note('d'));
  const cancelled = clock.after(20, note('never'));
  cancelled.cancel();
  clock.advance(9);
  assert.equal(ran.length, 0);
  clock.advance(21);
  assert.deepEqual(ran, ['a at 1000010/10', 'b at 1000015/15', 'c at 1000030/30', 'd at 1000030/30']);
  assert.equal(clock.pending, 1);
  clock.advance(1000);
  assert.equal(ran.at(-1), 'late at 1000110/110');
  assert.equal(clock.now(), 1_001_030);
  assert.equal(clock.pending, 0);
});

test('setting the wall clock moves neither the timers nor the monotonic time', () => {
  const clock = manualClock(1000);
  let ran = 0;
  clock.after(50, () => {
    ran++;
  });
  clock.setNow(9_999_999);
  assert.equal(ran, 0);
  assert.equal(clock.monotonic(), 0);
  clock.advance(50);
  assert.equal(ran, 1);
  assert.equal(clock.now(), 10_000_049);
});

test('sleep ends with its time or its signal, and leaves no timer behind', async () => {
  const clock = manualClock(0);
  let woken = false;
  const sleeping = sleep(clock, 10).then(() => {
    woken = true;
  });
  clock.advance(9);
  await Promise.resolve();
  assert.equal(woken, false);
  clock.advance(1);
  await sleeping;
  const controller = new AbortController();
  const reason = new Error('enough');
  const interrupted = assert.rejects(sleep(clock, 10, controller.signal), reason);
  assert.equal(clock.pending, 1);
  controller.abort(reason);
  await interrupted;
  assert.equal(clock.pending, 0);
  await assert.rejects(sleep(clock, 10, controller.signal), reason);
  assert.equal(clock.pending, 0);
});

test('the system clock tells the time, waits, and is cancelled', async () => {
  assert.ok(Math.abs(systemClock.now() - Date.now()) < 1000);
  const start = systemClock.monotonic();
  let never = false;
  systemClock.after(1, () => (never = true)).cancel();
  const waits = Array.from({ length: 20 }, (_, index) => {
    const delayMs = 2.3 * index;
    return new Promise<number>((resolve) => {
      systemClock.after(delayMs, () => resolve(systemClock.monotonic() - start - delayMs));
    });
  });
  const late = await Promise.all(waits);
  assert.ok(Math.min(...late) > -0.001, `never early: ${late.join(' ')}`);
  assert.equal(never, false);
});

test("a delay beyond what one of Node's timers holds does not fire at once", async () => {
  let fired = false;
  const timer = systemClock.after(2 ** 33, () => (fired = true), { unref: true });
  await new Promise((resolve) => setTimeout(resolve, 20));
  timer.cancel();
  assert.equal(fired, false);
});

test('RFC 3339 times are read and written', () => {
  const moment = Date.UTC(2026, 1, 3, 4, 5, 6);
  assert.equal(toRfc3339(moment), '2026-02-03T04:05:06Z');
  assert.equal(toRfc3339(moment + 999), '2026-02-03T04:05:06Z');
  for (const text of [
    '2026-02-03T04:05:06Z',
    '2026-02-03t04:05:06z',
    '2026-02-03T05:05:06+01:00',
    '2026-02-02T23:05:06-05:00',
  ]) {
    assert.equal(parseRfc3339(text), moment, text);
  }
  assert.equal(parseRfc3339('2026-02-03T04:05:06.789Z'), moment + 789);
  assert.equal(parseRfc3339('2024-02-29T00:00:00Z'), Date.UTC(2024, 1, 29));
});

test('what is no RFC 3339 time is none', () => {
  const bad = [
    '',
    'now',
    '2026-02-03',
    '2026-02-03T04:05Z',
    '2026-02-03T04:05:06',
    '2026-02-03 04:05:06Z',
    '2026-2-3T04:05:06Z',
    '2026-02-30T04:05:06Z',
    '2026-02-29T04:05:06Z',
    '2026-13-03T04:05:06Z',
    '2026-00-03T04:05:06Z',
    '2026-02-03T24:00:00Z',
    '2026-02-03T25:05:06Z',
    '2026-02-03T04:60:06Z',
    '2026-02-03T04:05:60Z',
    '2026-02-03T04:05:06+24:00',
    '2026-02-03T04:05:06+0100',
    '2026-02-03T04:05:06Z ',
    '+002026-02-03T04:05:06Z',
  ];
  for (const text of bad) assert.equal(parseRfc3339(text), undefined, text);
});
