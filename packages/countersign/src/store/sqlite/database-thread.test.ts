import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Refusal } from '../../ground/errors/index.ts';
import { startDatabaseThread } from './database-thread.ts';

/** A worker that opens, answers the first question and dies of the second. */
const mortal = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    parentPort.postMessage([{ id: 0, answer: 'ledger' }]);
    parentPort.on('message', ([{ id }]) => {
      if (id > 1) throw new Error('disk I/O error');
      parentPort.postMessage([{ id, answer: 7 }]);
    });`)}`,
);

test('the death of the thread refuses what is under way and everything after it, and is told once', async () => {
  const failures: Refusal[] = [];
  const thread = await startDatabaseThread({ file: 'none', nowMs: 0 }, (refusal) => failures.push(refusal), mortal);
  assert.equal(await thread.ask('latestIntentMs'), 7);
  const underWay = [thread.ask('latestIntentMs'), thread.ask('latestIntentMs')];
  const lost = { code: 'CS-STORE-002', evidence: { operation: 'any', why: 'disk I/O error' } };
  for (const question of underWay) await assert.rejects(question, lost);
  await assert.rejects(thread.ask('latestIntentMs'), lost);
  await thread.close();
  assert.deepEqual(
    failures.map(({ code }) => code),
    ['CS-STORE-002'],
  );
});

test('a thread that dies before it has opened anything is refused', async () => {
  const stillborn = new URL('data:text/javascript,throw new Error("no such module")');
  await assert.rejects(
    startDatabaseThread({ file: 'none', nowMs: 0 }, () => undefined, stillborn),
    { code: 'CS-STORE-002' },
  );
});
