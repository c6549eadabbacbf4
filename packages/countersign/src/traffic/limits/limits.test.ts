import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import { manualClock, systemClock } from '../../ground/clock/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import {
  broadcastLimits,
  connectionsRefusal,
  keepLimits,
  limitHeaders,
  Limiter,
  limitRefusal,
  type LimitVerdict,
  requireLimits,
  shareLimits,
  type ToldUsage,
} from './index.ts';

const hourMs = 3_600_000;
const noon = Date.UTC(2026, 5, 1, 12);
const perSecond = { requestsPerSecond: 2, burst: 4 };
const perDay = { requestsPerDay: 3 };

/** How many of `count` pass. */
function passed(limiter: Limiter, key: string, limits: Parameters<Limiter['take']>[1], count: number): number {
  return Array.from({ length: count }, () => limiter.take(key, limits)).filter(({ allowed }) => allowed).length;
}

test('a burst passes at once, then as many as the rate lets through; who is refused loses nothing', () => {
  const clock = manualClock(noon);
  const limiter = new Limiter({ clock });
  assert.equal(passed(limiter, 'a', perSecond, 10), 4);
  assert.equal(passed(limiter, 'b', perSecond, 10), 4, 'another caller has a burst of its own');
  const { retryAfterMs } = limiter.take('a', perSecond);
  assert.equal(retryAfterMs, 500);
  clock.advance(retryAfterMs);
  assert.equal(passed(limiter, 'a', perSecond, 10), 1);
  clock.advance(10_000);
  assert.equal(passed(limiter, 'a', perSecond, 10), 4, 'a rest gives the burst and no more');
  assert.equal(passed(limiter, 'slow', { requestsPerSecond: 0.1 }, 3), 1);
  assert.equal(passed(limiter, 'free', {}, 3), 3);
});

test('over an hour at every pace, no more passes than the rate and one burst', () => {
  const clock = manualClock(noon);
  const limiter = new Limiter({ clock });
  let count = 0;
  for (let ms = 0; ms < hourMs; ms += 77) {
    count += passed(limiter, 'a', perSecond, 1);
    clock.advance(77);
  }
  assert.ok(count >= 7_200 && count <= 7_204, String(count));
});

test('a quota is for a day of UTC', () => {
  const clock = manualClock(noon);
  const limiter = new Limiter({ clock });
  assert.equal(passed(limiter, 'a', perDay, 5), 3);
  const verdict = limiter.take('a', perDay);
  assert.deepEqual([verdict.by, verdict.retryAfterMs], ['quota', 12 * hourMs]);
  clock.advance(12 * hourMs - 1);
  assert.equal(passed(limiter, 'a', perDay, 5), 0);
  clock.advance(1);
  assert.equal(passed(limiter, 'a', perDay, 5), 3);
  clock.advance(24 * hourMs);
  assert.equal(passed(limiter, 'a', perDay, 5), 3);
});

test('a clock that is set gives nobody a second quota or burst, and takes none away for long', () => {
  const clock = manualClock(noon);
  const limiter = new Limiter({ clock });
  const both = { ...perDay, ...perSecond };
  assert.equal(passed(limiter, 'a', both, 5), 3);
  for (const days of [1, -1, 400, -20_000, 0]) {
    clock.setNow(noon + days * 24 * hourMs);
    clock.advance(61_000);
    assert.equal(passed(limiter, 'a', both, 5), 0, `${days} days`);
  }
  clock.advance(24 * hourMs);
  assert.equal(passed(limiter, 'a', both, 5), 3);
  const beforeMidnight = manualClock(Date.UTC(2026, 5, 1, 23, 59));
  const other = new Limiter({ clock: beforeMidnight });
  assert.equal(passed(other, 'a', perDay, 5), 3);
  beforeMidnight.advance(60_000);
  assert.equal(passed(other, 'a', perDay, 5), 3, 'midnight');
  beforeMidnight.setNow(Date.UTC(2026, 5, 1, 23, 58));
  beforeMidnight.advance(121_000);
  assert.equal(passed(other, 'a', perDay, 5), 0, 'the same midnight again');
});

test('connections: as many as allowed, and one given back twice is given back once', () => {
  const limiter = new Limiter({ clock: manualClock(noon) });
  const limits = { connections: 2 };
  const [first, second] = [limiter.connect('a', limits), limiter.connect('a', limits)];
  assert.ok(first !== undefined && second !== undefined);
  assert.equal(limiter.connect('a', limits), undefined);
  first();
  first();
  assert.ok(limiter.connect('a', limits) !== undefined);
  assert.equal(limiter.connect('a', limits), undefined);
  assert.equal(connectionsRefusal(limits, 'a').http, 429);
});

test('the table is bounded: who is idle is forgotten, and beyond it the new ones share one account', () => {
  const clock = manualClock(noon);
  const limiter = new Limiter({ clock, mostCallers: 100 });
  for (let place = 0; place < 1_000; place += 1) {
    limiter.take(`idle ${place}`, perSecond);
    clock.advance(1_000);
  }
  assert.ok(limiter.size <= 101, String(limiter.size));
  for (let place = 0; place < 300; place += 1) limiter.take(`counted ${place}`, perDay);
  assert.ok(limiter.size <= 101, String(limiter.size));
  assert.equal(passed(limiter, 'counted 0', perDay, 5), 2, 'who has an account keeps it');
  assert.equal(passed(limiter, 'new', perDay, 5), 0, 'nobody is let in without being counted');
});

const headersOf = (verdict: LimitVerdict, limits: Parameters<typeof limitHeaders>[1]): Record<string, string> =>
  Object.fromEntries(limitHeaders(verdict, limits));

test('a caller is told what is left, and when to come again', () => {
  const clock = manualClock(noon);
  const limiter = new Limiter({ clock });
  const limits = { ...perSecond, requestsPerDay: 10 };
  assert.deepEqual(headersOf(limiter.take('a', limits), limits), {
    'ratelimit-policy': '"rate";q=4;w=2, "day";q=10;w=86400',
    ratelimit: '"rate";r=3;t=1, "day";r=9;t=43200',
  });
  passed(limiter, 'a', limits, 3);
  const refused = limiter.take('a', limits);
  assert.equal(headersOf(refused, limits)['retry-after'], '1');
  assert.equal(limitRefusal(refused, limits, 'acme').code, 'CS-GATEWAY-055');
  assert.deepEqual(headersOf(limiter.take('free', {}), {}), {});
  const day = limiter.take('b', perDay);
  assert.deepEqual(Object.keys(headersOf(day, perDay)), ['ratelimit-policy', 'ratelimit']);
  passed(limiter, 'b', perDay, 3);
  assert.equal(limitRefusal(limiter.take('b', perDay), perDay, 'acme').code, 'CS-GATEWAY-056');
  for (const wrong of [{ requestsPerSecond: 0 }, { burst: 0 }, { requestsPerDay: 1.5 }, { connections: -1 }])
    assert.throws(() => requireLimits(wrong), TypeError);
});

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('kept over a restart: quota and burst, but for another day and for time that has passed', async (t) => {
  const path = join(await folderOf(t), 'limits');
  const failures: unknown[] = [];
  const clock = manualClock(noon);
  const options = { path, clock, onFailure: (error: unknown) => failures.push(error) };
  const before = new Limiter({ clock });
  const kept = await keepLimits(before, options);
  passed(before, 'a', perDay, 2);
  passed(before, 'b', perSecond, 4);
  await kept.close();
  const restarted = async (at: number): Promise<Limiter> => {
    const later = manualClock(at);
    const limiter = new Limiter({ clock: later });
    await (await keepLimits(limiter, { ...options, clock: later })).close();
    return limiter;
  };
  const soon = await restarted(noon + 500);
  assert.equal(passed(soon, 'a', perDay, 5), 1);
  assert.equal(passed(soon, 'b', perSecond, 5), 1);
  const earlier = await restarted(noon - 400 * 24 * hourMs);
  assert.equal(passed(earlier, 'a', perDay, 5), 1, 'a clock that was set back gives no quota');
  assert.equal(passed(earlier, 'b', perSecond, 5), 0);
  assert.equal(passed(await restarted(noon + 24 * hourMs), 'a', perDay, 5), 3);
  assert.deepEqual(failures, []);
});

test('written at intervals while it is used, and not where nothing changed', async (t) => {
  const path = join(await folderOf(t), 'limits');
  const limiter = new Limiter({ clock: systemClock });
  const kept = await keepLimits(limiter, {
    path,
    clock: systemClock,
    everyMs: 5,
    onFailure: (error) => assert.fail(String(error)),
  });
  t.after(() => kept.close());
  limiter.take('a', perDay);
  for (;;) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (text.includes('["a",1,0]')) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(limiter.changed, false);
});

test('a file that holds something else is refused, and left as it is', async (t) => {
  const path = join(await folderOf(t), 'limits');
  const limiter = new Limiter({ clock: systemClock });
  for (const text of [
    '',
    'x',
    '{"version":2}\n',
    '{"version":1,"day":"2026-01-01","at":1}\n["a",-1,0]\n',
    '{"version":1,"day":"2026-01-01","at":1}\n["a",1',
  ]) {
    await writeFile(path, text);
    const keeping = keepLimits(limiter, { path, clock: systemClock, onFailure: (error) => assert.fail(String(error)) });
    await assert.rejects(keeping, (error) => isRefusal(error) && error.code === 'CS-GATEWAY-058', text);
    assert.equal(await readFile(path, 'utf8'), text);
  }
});

test('workers that tell each other let through what one would, after a moment', () => {
  const clock = manualClock(noon);
  const listeners: ((used: readonly ToldUsage[]) => void)[] = [];
  const workers = [0, 1, 2].map((own) => {
    const limiter = new Limiter({ clock });
    const channel = {
      send: (used: readonly ToldUsage[]) => listeners.forEach((listener, place) => place !== own && listener(used)),
      onMessage: (listener: (used: readonly ToldUsage[]) => void) => {
        listeners[own] = listener;
        return () => undefined;
      },
    };
    shareLimits(limiter, {
      clock,
      channel,
      limitsOf: () => ({ requestsPerSecond: 10, burst: 10, requestsPerDay: 100 }),
    });
    return limiter;
  });
  const limits = { requestsPerSecond: 10, burst: 10, requestsPerDay: 100 };
  clock.advance(100);
  let count = 0;
  for (let ms = 0; ms < 60_000; ms += 20) {
    for (const worker of workers) count += passed(worker, 'a', limits, 1);
    clock.advance(20);
  }
  // Each may use a burst before it hears of the others; the quota is overrun by what one interval lets through.
  assert.ok(count >= 100 && count <= 130, String(count));
  clock.advance(100);
  assert.deepEqual(
    workers.map((worker) => passed(worker, 'a', limits, 5)),
    [0, 0, 0],
  );
});

test('worker threads hear of each other over a channel of the process', async (t) => {
  const name = `limits ${process.pid}`;
  const channel = broadcastLimits(name);
  t.after(() => channel.close());
  const heard = new Promise<readonly ToldUsage[]>((resolve) => channel.onMessage(resolve));
  const source = `const channel = new BroadcastChannel(${JSON.stringify(name)});
    channel.postMessage('nonsense'); channel.postMessage([{ key: 'a', requests: 2 }]); channel.close();`;
  const worker = new Worker(source, { eval: true });
  await once(worker, 'exit');
  assert.deepEqual(await heard, [{ key: 'a', requests: 2 }]);
});
