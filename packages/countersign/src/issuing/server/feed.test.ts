import type { ServerEvent } from './server-event.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type ManualClock, manualClock } from '../../ground/clock/index.ts';
import { memoryJournal } from '../../runtime/audit/index.ts';
import { Endpoints } from './endpoints.ts';
import { Feed } from './feed.ts';
import type { FeedStream } from './feed-stream.ts';
import type { FeedState, RevocationLedger } from './revocation-ledger.ts';

const [web, db] = ['spiffe://dev.internal/web', 'spiffe://dev.internal/db'];
const actor = { kind: 'local-user', name: 'tester' } as const;
const bundle = { trustDomain: 'dev.internal', sequence: 1, anchors: ['x'], intermediates: [] };
const state: FeedState = { number: 0, latestMs: 0, bundle, revoked: [] };
const ledger: RevocationLedger = {
  feedState: async () => state,
  changesAfter: async () => undefined,
  revoke: async ({ atMs }) => ({
    serialNumbers: ['01'],
    number: 1,
    change: { number: 1, atMs, revoked: [] },
  }),
  previewRevocation: async () => ({ certificates: 0, identities: 0 }),
  release: async () => ({ outcome: 'not-held' }),
  establishBundle: async () => undefined,
};

interface Opened {
  readonly feed: Feed;
  readonly clock: ManualClock;
  readonly sent: string[];
  subscribe(
    spiffeId: string,
    mark: number,
    over?: { waiting?: number; gone?: boolean; lastNumber?: number; leaseMs?: number },
  ): Promise<void>;
  readonly logged: ServerEvent[];
}

async function open(over: RevocationLedger = ledger): Promise<Opened> {
  const clock = manualClock(1_000_000);
  const logged: ServerEvent[] = [];
  const register = { record: async () => undefined, touch: async () => undefined, load: async () => [] };
  const feed = await Feed.open({
    ledger: over,
    endpoints: await Endpoints.load(register, clock, 60_000),
    audit: memoryJournal(),
    recovery: { relearnRevocations: async () => undefined },
    authority: 'ab'.repeat(32),
    signer: () => ({ certificate: Uint8Array.of(1), sign: () => Uint8Array.of(1) }),
    clock,
    heartbeatMs: 5_000,
    leaseMs: 60_000,
    log: (event) => void logged.push(event),
  });
  const sent: string[] = [];
  return {
    feed,
    clock,
    sent,
    logged,
    subscribe: (spiffeId, mark, { waiting = 0, gone = false, lastNumber, leaseMs } = {}) =>
      feed.subscribe(
        { spiffeId, endpoint: String(mark).padStart(16, '0'), serialNumber: '02', lastNumber, leaseMs },
        {
          gone,
          open: (): FeedStream => ({
            ended: false,
            waiting,
            send: ({ kind }) => void sent.push(`${kind} to ${String(mark)}`),
            end: () => undefined,
          }),
        },
      ),
  };
}

test('who reads nothing, under many names, gets no further state; others do', async () => {
  const { subscribe } = await open();
  const half = 33 * 1024 * 1024;
  await subscribe(web, 1, { waiting: half });
  await subscribe(web, 2, { waiting: half });
  await assert.rejects(subscribe(web, 3), { code: 'CS-ACCESS-008', evidence: { spiffeId: web, maximum: 2 } });
  await subscribe(db, 4);
});

test('a revocation is told before those who wait for a subscription get theirs', async () => {
  const { feed, subscribe, sent } = await open();
  await subscribe(db, 0);
  const waiting = [subscribe(web, 1), subscribe(web, 2), subscribe(web, 3)];
  const revoked = feed.revoke({ reason: 'unspecified', usefulSinceMs: 0 }, actor, async () => undefined);
  await Promise.all([...waiting, revoked]);
  assert.deepEqual(sent.slice(0, 4), ['state to 0', 'state to 1', 'change to 0', 'change to 1']);
});

test('an endpoint that was told a higher number than there is: said once to whoever runs the authority, and the endpoint gets the state', async () => {
  const { subscribe, sent, logged } = await open();
  await subscribe(web, 1, { lastNumber: 0 });
  assert.equal(logged.length, 0);
  await subscribe(web, 2, { lastNumber: 7 });
  await subscribe(db, 3, { lastNumber: 8 });
  assert.deepEqual(
    logged.map(
      (event) => event.event === 'database-went-back' && [event.spiffeId, event.refusal.code, event.refusal.evidence],
    ),
    [[web, 'CS-STORE-008', { told: 7, found: 0 }]],
  );
  assert.deepEqual(sent, ['heartbeat to 1', 'state to 2', 'state to 3']);
});

test('who goes on with a lease of another length gets the whole state, in which the present one is', async () => {
  const { subscribe, sent } = await open();
  await subscribe(web, 1, { lastNumber: 0, leaseMs: 60_000 });
  await subscribe(web, 2, { lastNumber: 0, leaseMs: 43_200_000 });
  await subscribe(web, 3, { lastNumber: 0 });
  assert.deepEqual(sent, ['heartbeat to 1', 'state to 2', 'heartbeat to 3']);
});

test('a clock that goes back makes no message of an earlier time, which endpoints would take for a replayed one; ahead it is followed', async () => {
  const recorded: number[] = [];
  const { feed, clock } = await open({
    ...ledger,
    revoke: async ({ atMs }) => {
      const number = recorded.push(atMs);
      return { serialNumbers: [], number, change: { number, atMs, revoked: [] } };
    },
  });
  const order = { name: 'web', reason: 'unspecified', usefulSinceMs: 0 } as const;
  const revoke = () => feed.revoke(order, actor, async () => undefined);
  await revoke();
  clock.setNow(clock.now() - 3_600_000);
  await revoke();
  clock.setNow(clock.now() + 2 * 3_600_000);
  await revoke();
  assert.deepEqual(recorded, [1_000_000, 1_000_000, 1_000_000 + 3_600_000]);
});

test('who went away while waiting for a turn is not counted as an endpoint', async () => {
  const { feed, subscribe, sent } = await open();
  await subscribe(web, 1, { gone: true });
  assert.deepEqual([feed.subscribed, sent], [0, []]);
});

test('what the disk refused and took all the same is told as the whole state, at once or as soon as it can be read', async () => {
  for (const readable of [true, false]) {
    const failing = { readable, number: 0 };
    const { feed, subscribe, sent, clock } = await open({
      ...ledger,
      feedState: async () => {
        if (failing.number > 0 && !failing.readable) throw new Error('disk I/O error');
        return { ...state, number: failing.number };
      },
      revoke: async () => {
        failing.number++;
        throw new Error('disk I/O error');
      },
    });
    await subscribe(db, 0);
    const order = { reason: 'unspecified', usefulSinceMs: 0 } as const;
    await assert.rejects(
      feed.revoke(order, actor, async () => undefined),
      /disk I\/O error/,
    );
    if (!readable) {
      assert.deepEqual([feed.number, sent.splice(0)], [0, ['state to 0']]);
      failing.readable = true;
      clock.advance(5_000);
      await new Promise((resolve) => setImmediate(resolve));
      await feed.close();
      assert.deepEqual([feed.number, sent], [1, ['state to 0', 'heartbeat to 0']]);
    } else {
      assert.deepEqual([feed.number, sent], [1, ['state to 0', 'state to 0']]);
      await feed.close();
    }
  }
});
