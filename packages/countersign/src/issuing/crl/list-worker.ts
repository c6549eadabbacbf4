/** The thread of the lists: encoding a million entries, and writing them, holds up nobody but who asks for it. */
import { parentPort, workerData } from 'node:worker_threads';

import { giveBack } from '../../ground/encoding/index.ts';
import { ListBuilder } from './list-builder.ts';
import { type BuilderReply, type BuilderRequest, type BuilderThreadData, handedOn } from './list-messages.ts';

if (parentPort === null) throw new TypeError('this file is the body of a worker');
const port = parentPort;
const builder = new ListBuilder(workerData as BuilderThreadData);

type Table = Readonly<Record<string, (...parameters: readonly unknown[]) => unknown>>;

port.on('message', ({ id, operation, parameters }: BuilderRequest) => {
  let reply: BuilderReply;
  try {
    reply = {
      id,
      answer: operation === 'close' ? undefined : (builder as unknown as Table)[operation]?.(...parameters),
    };
  } catch (error) {
    reply = { id, failure: error instanceof Error ? error.message : String(error) };
  }
  giveBack(handedOn(operation, parameters));
  port.postMessage(reply);
  if (operation === 'close') port.close();
});
