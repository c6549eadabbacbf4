/** Carries out what the owner asks of the database: reads at once, writes in groups, each group one transaction and one sync of the disk. */
import type { DatabaseSync } from 'node:sqlite';
import type { MessagePort } from 'node:worker_threads';

import { buffersOf } from '../../ground/encoding/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import type { RevokedRowsPage } from '../../issuing/crl/index.ts';
import { holderOf } from './holder-file.ts';
import {
  endingId,
  openingId,
  type WorkerData,
  type WorkerFailure,
  type WorkerReply,
  type WorkerRequest,
} from './messages.ts';
import type { OpenHandle } from './open-database.ts';
import { type Operations, reading } from './operations.ts';
import { isLasting, type OpenedDatabase, type RecoveringDatabase, recoveringDatabase } from './recovering-database.ts';
import { failureKind } from './sqlite-failure.ts';
import { storageRefusal } from './storage-refusal.ts';
import { takeSnapshot } from './take-snapshot.ts';

interface Served {
  readonly port: MessagePort;
  readonly file: string;
  readonly recovering: RecoveringDatabase;
  /** While a snapshot is taken: what waits to be written between two of its steps. */
  held: WorkerRequest[] | undefined;
  /** The last snapshot that was asked for: one at a time. */
  snapshots: Promise<void>;
}

/** @param openHandle another one for tests of what fails */
export function serveDatabase(port: MessagePort, { file, nowMs }: WorkerData, openHandle?: OpenHandle): void {
  const waiting: WorkerRequest[] = [];
  let recovering: RecoveringDatabase | undefined;
  try {
    recovering = recoveringDatabase(file, nowMs, openHandle);
    const served: Served = { port, file, recovering, held: undefined, snapshots: Promise.resolve() };
    reply(served, [{ id: openingId, answer: recovering.writable().known.ledgerId() }]);
    port.on('message', (requests: readonly WorkerRequest[]) => {
      const isFirst = waiting.length === 0;
      waiting.push(...requests);
      // Everything that came until then goes into one transaction, and so costs one fsync.
      if (isFirst) setImmediate(() => carryOut(served, waiting.splice(0)));
    });
  } catch (error) {
    recovering?.giveUp();
    port.postMessage([{ id: openingId, failure: failureOf(error, 'open', file) }] satisfies WorkerReply[]);
  }
}

function carryOut(served: Served, requests: readonly WorkerRequest[]): void {
  const asked = (...names: readonly WorkerRequest['operation'][]): readonly WorkerRequest[] =>
    requests.filter(({ operation }) => names.includes(operation));
  for (const request of asked(...reading)) read(served, request);
  const apart = new Set<WorkerRequest['operation']>([...reading, 'snapshot', 'close']);
  const writes = requests.filter(({ operation }) => !apart.has(operation));
  if (served.held !== undefined) served.held.push(...writes);
  else if (writes.length > 0) write(served, writes);
  for (const request of asked('snapshot')) served.snapshots = served.snapshots.then(() => snapshot(served, request));
  const [last] = asked('close');
  if (last === undefined) return;
  try {
    writeHeld(served);
    served.recovering.close();
    reply(served, [{ id: last.id, answer: undefined }]);
  } catch (error) {
    refuse(served, [last], error);
  }
  served.port.close();
}

/** Beside everything else; a failure of it says nothing of the database. */
async function snapshot(served: Served, request: WorkerRequest): Promise<void> {
  const { id, operation, parameters } = request;
  try {
    const { database } = served.recovering.readable();
    served.held = [];
    await takeSnapshot(database, String(parameters[0]), () => writeHeld(served));
    reply(served, [{ id, answer: undefined }]);
  } catch (error) {
    reply(served, [{ id, failure: failureOf(error, operation, served.file) }]);
  } finally {
    writeHeld(served);
    served.held = undefined;
  }
}

/** What answers with so much that it is not copied. */
const pages: ReadonlySet<WorkerRequest['operation']> = new Set<WorkerRequest['operation']>([
  'revokedRows',
  'revokedRowsSince',
]);

function columns(page: unknown): readonly ArrayBufferView[] {
  return Object.values(page as RevokedRowsPage).filter((column) => ArrayBuffer.isView(column));
}

function writeHeld(served: Served): void {
  const writes = served.held?.splice(0) ?? [];
  if (writes.length > 0) write(served, writes);
}

function read(served: Served, request: WorkerRequest): void {
  try {
    const answer = call(served.recovering.readable().known, request);
    reply(served, [{ id: request.id, answer }], pages.has(request.operation) ? columns(answer) : []);
  } catch (error) {
    if (isOfTheDisk(error)) served.recovering.giveUp();
    refuse(served, [request], error);
  }
}

/** One transaction for all, at best. */
function write(served: Served, requests: readonly WorkerRequest[]): void {
  let replies: readonly WorkerReply[];
  try {
    const opened = served.recovering.writable();
    replies = writeTogether(opened, requests) ?? writeApart(opened, requests, served.file);
  } catch (error) {
    // At a COMMIT that fails nobody knows what is on disk, whatever the reason.
    if (!isRefusal(error)) served.recovering.giveUp();
    refuse(served, requests, error);
    return;
  }
  reply(served, replies);
}

/** As if nothing failed, which is the rule; `undefined`, with nothing changed, where something did that is not the disk's fault. */
function writeTogether(
  { database, known }: OpenedDatabase,
  requests: readonly WorkerRequest[],
): WorkerReply[] | undefined {
  database.exec('BEGIN IMMEDIATE');
  let replies: WorkerReply[];
  try {
    replies = requests.map((request) => ({ id: request.id, answer: call(known, request) }));
  } catch (error) {
    // A failure of the disk is everybody's: SQLite may have ended the transaction by itself.
    if (isOfTheDisk(error)) throw error;
    database.exec('ROLLBACK');
    return undefined;
  }
  database.exec('COMMIT');
  return replies;
}

/** Each request in a savepoint of its own, which has SQLite keep a copy of each page, so that it fails alone where it alone is at fault. */
function writeApart(opened: OpenedDatabase, requests: readonly WorkerRequest[], file: string): WorkerReply[] {
  opened.database.exec('BEGIN IMMEDIATE');
  const replies = requests.map((request) => carryOutOne(opened, request, file));
  opened.database.exec('COMMIT');
  return replies;
}

function carryOutOne({ database, known }: OpenedDatabase, request: WorkerRequest, file: string): WorkerReply {
  const { id, operation } = request;
  database.exec('SAVEPOINT request');
  try {
    const answer = call(known, request);
    database.exec('RELEASE request');
    return { id, answer };
  } catch (error) {
    if (isOfTheDisk(error)) throw error;
    undo(database);
    return { id, failure: failureOf(error, operation, file) };
  }
}

function undo(database: DatabaseSync): void {
  database.exec('ROLLBACK TO request');
  database.exec('RELEASE request');
}

/** Nothing of it counts as done. */
function refuse(served: Served, requests: readonly WorkerRequest[], error: unknown): void {
  const failures = requests.map(({ id, operation }) => ({ id, failure: failureOf(error, operation, served.file) }));
  if (!isLasting(error)) {
    reply(served, failures);
    return;
  }
  // It could not be opened again, and the owner must hear of it: in the same message, though what is thrown may overtake that, too.
  reply(served, [...failures, { id: endingId, failure: failureOf(error, 'any', served.file) }]);
  throw error;
}

function isOfTheDisk(error: unknown): boolean {
  return !isRefusal(error) && failureKind(error) !== 'statement';
}

type Table = Readonly<Record<string, (...parameters: readonly unknown[]) => unknown>>;

function call(known: Operations, { operation, parameters }: WorkerRequest): unknown {
  return (known as unknown as Table)[operation]?.(...parameters);
}

/** @param moved arrays that are handed on, not copied */
function reply({ port }: Served, replies: readonly WorkerReply[], moved: readonly ArrayBufferView[] = []): void {
  port.postMessage(replies, buffersOf(moved));
}

function failureOf(error: unknown, operation: string, file: string): WorkerFailure {
  const { code, evidence, message } = storageRefusal(error, operation, file, () => holderOf(file));
  return { code, evidence, message };
}
