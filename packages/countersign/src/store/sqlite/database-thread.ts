/** The owner's end of the worker: asks, matches answers, and refuses everything once the worker is gone. */
import { Worker } from 'node:worker_threads';

import { isRefusalCode, Refusal } from '../../ground/errors/index.ts';
import {
  endingId,
  openingId,
  type WorkerData,
  type WorkerFailure,
  type WorkerReply,
  type WorkerRequest,
} from './messages.ts';
import type { Operations } from './operations.ts';

export interface DatabaseThread {
  readonly ledgerId: string;
  readonly ask: <Name extends keyof Operations>(
    operation: Name,
    ...parameters: Parameters<Operations[Name]>
  ) => Promise<ReturnType<Operations[Name]>>;
  /** Copies the database into a new file, while others are served. */
  snapshot(file: string): Promise<void>;
  /** Resolves when everything asked before is on disk and the file is released. */
  close(): Promise<void>;
}

interface Pending {
  readonly operation: string;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** This file is TypeScript in the sources and JavaScript in the package, and so is the worker beside it. */
const workerFile = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

/**
 * @param onFailure called once if the worker ends without being asked to: nothing can be stored from then on
 * @param body the worker's code; another one for tests of its death
 */
export async function startDatabaseThread(
  data: WorkerData,
  onFailure: (refusal: Refusal) => void,
  body: URL = workerFile,
): Promise<DatabaseThread> {
  const pending = new Map<number, Pending>();
  let gone: Refusal | undefined;
  let ending: Refusal | undefined;
  let closing = false;
  let nextId = openingId;

  // node:sqlite says on standard error that it is experimental; in this thread there is nothing else to warn about.
  const worker = new Worker(body, {
    workerData: data,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    name: 'database',
  });
  const outgoing: WorkerRequest[] = [];
  /** What is asked in one turn of the event loop travels together: a message costs as much as a statement. */
  const post = (request: WorkerRequest): void => {
    outgoing.push(request);
    if (outgoing.length === 1) queueMicrotask(dispatch);
  };
  const dispatch = (): void => {
    const requests = outgoing.splice(0);
    try {
      worker.postMessage(requests);
    } catch (error) {
      // What cannot be cloned is a mistake of the caller's.
      for (const { id } of requests) pending.get(id)?.reject(error);
      for (const { id } of requests) pending.delete(id);
    }
  };
  const send = (operation: WorkerRequest['operation'] | 'open', parameters: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (gone !== undefined) {
        reject(gone);
        return;
      }
      const id = nextId++;
      pending.set(id, { operation, resolve, reject });
      if (operation !== 'open') post({ id, operation, parameters });
    });
  const end = (why: string): void => {
    if (gone !== undefined) return;
    gone = ending ?? new Refusal('CS-STORE-002', { operation: 'any', why });
    for (const { reject } of pending.values()) reject(gone);
    pending.clear();
    if (!closing) onFailure(gone);
  };

  const settle = (reply: WorkerReply): void => {
    if (reply.id === endingId && 'failure' in reply) ending = refusalOf(reply.failure, 'any');
    const asked = pending.get(reply.id);
    if (asked === undefined) return;
    pending.delete(reply.id);
    if ('failure' in reply) asked.reject(refusalOf(reply.failure, asked.operation));
    else asked.resolve(reply.answer);
  };
  worker.on('message', (replies: readonly WorkerReply[]) => {
    for (const reply of replies) settle(reply);
  });
  worker.on('error', (error: unknown) => {
    // It may come before the message in which the thread says the same.
    if (isFailure(error)) ending ??= refusalOf(error, 'any');
    end(error instanceof Error ? error.message : String(error));
  });
  worker.on('messageerror', (error) => end(error.message));
  worker.on('exit', () => end(closing ? 'the database was closed' : 'the thread of the database has ended'));

  const opening = send('open', []);
  try {
    const ledgerId = String(await opening);
    return {
      ledgerId,
      ask: (operation, ...parameters) =>
        send(operation, parameters) as Promise<ReturnType<Operations[typeof operation]>>,
      snapshot: async (file) => {
        await send('snapshot', [file]);
      },
      close: async () => {
        if (gone !== undefined || closing) return;
        closing = true;
        const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
        await send('close', []).catch(() => undefined);
        await ended;
      },
    };
  } catch (error) {
    closing = true;
    await worker.terminate();
    throw error;
  }
}

/** What was thrown as a refusal: of that, its class alone is lost on the way. */
function isFailure(error: unknown): error is WorkerFailure {
  return error instanceof Error && 'code' in error && isRefusalCode(String(error.code)) && 'evidence' in error;
}

function refusalOf({ code, evidence, message }: WorkerFailure, operation: string): Refusal {
  if (code !== undefined && isRefusalCode(code)) return new Refusal(code, (evidence ?? {}) as never);
  return new Refusal('CS-STORE-002', { operation, why: message });
}
