/** The owner's end of the thread of the lists. */
import { Worker } from 'node:worker_threads';

import type { ListBuilder } from './list-builder.ts';
import { buffersOf } from '../../ground/encoding/index.ts';
import {
  type BuilderOperation,
  type BuilderReply,
  type BuilderRequest,
  type BuilderThreadData,
  handedOn,
} from './list-messages.ts';

export interface ListThread {
  ask<Name extends BuilderOperation>(
    operation: Name,
    ...parameters: Parameters<ListBuilder[Name]>
  ): Promise<ReturnType<ListBuilder[Name]>>;
  /** By itself, as where memory ran out: whatever is asked is refused. */
  readonly hasEnded: boolean;
  close(): Promise<void>;
}

interface Pending {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** This file is TypeScript in the sources and JavaScript in the package, and so is the worker beside it. */
const workerFile = new URL(import.meta.url.endsWith('.ts') ? './list-worker.ts' : './list-worker.js', import.meta.url);

export function startListThread(data: BuilderThreadData): ListThread {
  const pending = new Map<number, Pending>();
  const worker = new Worker(workerFile, {
    workerData: data,
    name: 'lists',
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
  });
  let nextId = 0;
  let gone: Error | undefined;

  const send = (operation: BuilderRequest['operation'], parameters: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (gone !== undefined) {
        reject(gone);
        return;
      }
      const id = nextId++;
      pending.set(id, { resolve, reject });
      worker.postMessage(
        { id, operation, parameters } satisfies BuilderRequest,
        buffersOf(handedOn(operation, parameters)),
      );
    });
  const end = (why: Error): void => {
    gone ??= why;
    for (const { reject } of pending.values()) reject(gone);
    pending.clear();
  };
  worker.on('message', (reply: BuilderReply) => {
    const asked = pending.get(reply.id);
    pending.delete(reply.id);
    if ('failure' in reply) asked?.reject(new Error(reply.failure));
    else asked?.resolve(reply.answer);
  });
  worker.on('error', (error) => end(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', () => end(new Error('the thread of the revocation lists has ended')));

  return {
    ask: (operation, ...parameters) =>
      send(operation, parameters) as Promise<ReturnType<ListBuilder[typeof operation]>>,
    get hasEnded() {
      return gone !== undefined;
    },
    close: async () => {
      if (gone !== undefined) return;
      const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
      await send('close', []).catch(() => undefined);
      await ended;
    },
  };
}
