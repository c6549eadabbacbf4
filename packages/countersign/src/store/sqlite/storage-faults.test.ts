import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import {
  addTokens,
  certificate,
  intent,
  recordIntents,
  revoke,
  startMs,
  unspecified,
  useOf,
} from '../../../../../tests/fixtures/stored-certificates.ts';
import { startDatabaseThread } from './database-thread.ts';
import { type SqliteStore, storeOver } from './open-sqlite-store.ts';

/** What fails: the write of that number from now on, counted over BEGIN, each statement that writes, and COMMIT. */
interface Fault {
  /** 13 is SQLITE_FULL, 10 SQLITE_IOERR. */
  readonly errcode: 10 | 13;
  /** Whether it happens in truth and is said to have failed, as a sync after the last byte. */
  readonly done: boolean;
}

/** Shared with the thread: how many writes until the fault, its code, whether it is done, how many were counted. */
type Board = Int32Array;

/** The worker's own code over handles that fail where the board says. */
const body = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { DatabaseSync } from 'node:sqlite';
    import { parentPort, workerData } from 'node:worker_threads';
    import { serveDatabase } from ${JSON.stringify(new URL('./serve-database.ts', import.meta.url).href)};
    const board = new Int32Array(workerData.board);
    const failing = (act) => {
      board[3]++;
      if (board[0] === 0 || --board[0] > 0) return act();
      if (board[2] === 1) act();
      throw Object.assign(new Error(board[1] === 13 ? 'database or disk is full' : 'disk I/O error'), { errcode: board[1] });
    };
    class Failing extends DatabaseSync {
      exec(sql) { return /^(BEGIN|COMMIT)/.test(sql) ? failing(() => super.exec(sql)) : super.exec(sql); }
      prepare(sql) {
        const statement = super.prepare(sql);
        if (!/^\\s*(INSERT|UPDATE|DELETE)/.test(sql)) return statement;
        const run = statement.run.bind(statement);
        statement.run = (...parameters) => failing(() => run(...parameters));
        return statement;
      }
    }
    serveDatabase(parentPort, workerData, (file) => new Failing(file, { timeout: 0, enableForeignKeyConstraints: true }));
  `)}`,
);

async function open(t: TestContext): Promise<{ store: SqliteStore; board: Board; file: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-'));
  const board = new Int32Array(new SharedArrayBuffer(16));
  const file = join(directory, 'authority.db');
  const data = { file, nowMs: startMs, board: board.buffer };
  const store = storeOver(await startDatabaseThread(data, () => undefined, body));
  t.after(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });
  return { store, board, file };
}

/** What a person would see of the database: everything that the ports tell. */
async function picture(store: SqliteStore): Promise<unknown> {
  const [page, feed, latest, tokens] = await Promise.all([
    store.inventory.page(undefined, 100),
    store.revocations.feedState(startMs),
    store.issuance.latestIntentMs(),
    store.tokens.find(['t1']),
  ]);
  return {
    serials: page.records.map(({ serialNumber, revoked }) => [serialNumber, revoked?.number]),
    feed,
    latest,
    tokens,
  };
}

const token = {
  id: 't1',
  secretSha256: Uint8Array.of(1),
  profile: 'service',
  names: ['web'],
  createdAtMs: 1,
  expiresAtMs: 2,
};

/** Every kind of write; each can be asked again. Serial numbers are new each time, as those of the authority are. */
const writes: Readonly<Record<string, (store: SqliteStore, serial: string) => Promise<unknown>>> = {
  'recording intents': (store, serial) => recordIntents(store, [intent(`${serial}01`), intent(`${serial}02`)]),
  'recording certificates': async (store, serial) => {
    await recordIntents(store, [intent(serial)]);
    return store.issuance.recordCertificates([certificate(serial)], 10);
  },
  'adding a token': (store) => addTokens(store, [token]),
  'using a token': (store, serial) => recordIntents(store, [useOf('t1', 'aa', serial)]),
  revoking: (store) => revoke(store, { serialNumber: '0A', ...unspecified }),
};

for (const [name, write] of Object.entries(writes)) {
  for (const fault of [
    { errcode: 13, done: false },
    { errcode: 10, done: false },
    { errcode: 10, done: true },
  ] satisfies Fault[]) {
    const how = `${fault.errcode === 13 ? 'a full disk' : 'a failed disk'}${fault.done ? ' after the write' : ''}`;
    test(`${name}: ${how} at each write refuses it, and the next one is carried out`, async (t) => {
      const { store, board } = await open(t);
      await recordIntents(store, [intent('0A')]);
      await store.issuance.recordCertificates([certificate('0A')], 10);
      board[3] = 0;
      for (let at = 1; ; at++) {
        const before = await picture(store);
        board.set([at, fault.errcode, fault.done ? 1 : 0]);
        const outcome = await write(store, `B${String(at).padStart(3, '0')}`).then(
          () => undefined,
          (error: unknown) => error as { code: string },
        );
        const failed = board[0] === 0;
        board[0] = 0;
        if (!failed) {
          // One more than there are writes: it was carried out.
          assert.equal(outcome, undefined);
          assert.ok(at > 3, 'some writes were made to fail');
          return;
        }
        assert.equal(outcome?.code, fault.errcode === 13 ? 'CS-STORE-004' : 'CS-STORE-005', `at write ${String(at)}`);
        const after = await picture(store);
        if (!fault.done) assert.deepEqual(after, before);
        // What is refused may be done all the same where the disk took it and said no: then it is asked no further.
        if (JSON.stringify(after) !== JSON.stringify(before)) return;
      }
    });
  }
}

test('while the disk fails again and again each write is refused, reads go on, and nothing waits for a restart', async (t) => {
  const { store, board } = await open(t);
  await recordIntents(store, [intent('0A')]);
  for (let round = 0; round < 5; round++) {
    board.set([1, 13, 0]);
    await assert.rejects(recordIntents(store, [intent('0B')]), { code: 'CS-STORE-004' });
    assert.equal(await store.issuance.latestIntentMs(), startMs);
  }
  await recordIntents(store, [intent('0B')]);
});

test('who shares a transaction with a failure of the disk is refused with it; who only reads is not', async (t) => {
  const { store, board } = await open(t);
  board.set([2, 13, 0]);
  const outcomes = await Promise.allSettled([
    recordIntents(store, [intent('0A')]),
    addTokens(store, [token]),
    store.issuance.latestIntentMs(),
  ]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected', 'fulfilled'],
  );
  await recordIntents(store, [intent('0A')]);
  assert.deepEqual(await store.tokens.find(['t1']), [undefined]);
});
