/** The thread that owns the database: node:sqlite blocks while the disk writes, and nothing but this may wait for it. */
import type { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

import { isRefusal } from '../../ground/errors/index.ts';
import { openingId, type WorkerData, type WorkerFailure, type WorkerReply, type WorkerRequest } from './messages.ts';
import { migrations } from './migrations/migrations.ts';
import { openDatabase } from './open-database.ts';
import { type Operations, operations } from './operations.ts';

const port = parentPort;
if (port === null) throw new TypeError('this file is the body of a worker');

const { file, nowMs } = workerData as WorkerData;
const waiting: WorkerRequest[] = [];

try {
  const database = openDatabase(file, migrations, nowMs);
  const known = operations(database);
  reply([{ id: openingId, answer: known.ledgerId() }]);
  port.on('message', (requests: readonly WorkerRequest[]) => {
    const isFirst = waiting.length === 0;
    waiting.push(...requests);
    // Everything that came until then goes into one transaction, and so costs one fsync.
    if (isFirst) setImmediate(() => carryOut(database, known, waiting.splice(0)));
  });
} catch (error) {
  reply([{ id: openingId, failure: failureOf(error) }]);
}

type Table = Readonly<Record<string, (...parameters: readonly unknown[]) => unknown>>;

/** One transaction for all; each request in a savepoint of its own, so that it fails alone. */
function carryOut(database: DatabaseSync, known: Operations, requests: readonly WorkerRequest[]): void {
  const work = requests.filter(({ operation }) => operation !== 'close');
  let replies: WorkerReply[];
  try {
    database.exec('BEGIN IMMEDIATE');
    replies = work.map((request) => carryOutOne(database, known, request));
    database.exec('COMMIT');
  } catch (error) {
    // After a failed fsync nobody knows what is on disk: end here, and let the next start read it again.
    reply(work.map(({ id }) => ({ id, failure: failureOf(error) })));
    throw error;
  }
  reply(replies);
  const last = requests.find(({ operation }) => operation === 'close');
  if (last === undefined) return;
  database.close();
  reply([{ id: last.id, answer: undefined }]);
  port?.close();
}

function carryOutOne(
  database: DatabaseSync,
  known: Operations,
  { id, operation, parameters }: WorkerRequest,
): WorkerReply {
  database.exec('SAVEPOINT request');
  try {
    const answer = (known as unknown as Table)[operation]?.(...parameters);
    database.exec('RELEASE request');
    return { id, answer };
  } catch (error) {
    database.exec('ROLLBACK TO request');
    database.exec('RELEASE request');
    return { id, failure: failureOf(error) };
  }
}

function reply(replies: readonly WorkerReply[]): void {
  port?.postMessage(replies);
}

function failureOf(error: unknown): WorkerFailure {
  if (isRefusal(error)) return { code: error.code, evidence: error.evidence, message: error.message };
  return { message: error instanceof Error ? error.message : String(error) };
}
