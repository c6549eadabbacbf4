/** Checks a text of configuration; a large one in a thread of its own, so that a gateway which serves meanwhile goes on serving. */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { Refusal } from '../../../ground/errors/index.ts';
import { nextTurn } from '../next-turn.ts';
import { refusalOf } from '../told-refusal.ts';
import { checkText } from './check-configuration.ts';
import { type CheckOrder, fileOf, type ToldPiece } from './told-file.ts';

/** Characters: below it a thread takes longer to start than the text to be read, which itself is done in turns. Own choice. */
const large = 200_000;

/** This file is TypeScript in the sources and JavaScript in the package, and so is the worker beside it. */
const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? './checking-worker.ts' : './checking-worker.js',
  import.meta.url,
);

/** As `checkText`. @throws CS-FILE-002 where the thread ends before it is done, as without memory */
export async function checkApart(text: string, path: string): ReturnType<typeof checkText> {
  if (text.length < large) return checkText(text, path);
  const { port1: port, port2: far } = new MessageChannel();
  const worker = new Worker(workerFile, {
    workerData: { text, path, port: far } satisfies CheckOrder,
    transferList: [far],
    name: 'configuration',
  });
  try {
    await told(worker, path);
    const pieces = await allOf(port);
    const [first] = pieces;
    return first?.kind === 'problems' ? { problems: first.problems.map(refusalOf) } : fileOf(pieces);
  } finally {
    port.close();
    await worker.terminate();
  }
}

function told(worker: Worker, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void =>
      reject(new Refusal('CS-FILE-002', { path, reason: reasonOf(error) }, { cause: error }));
    worker.once('message', () => resolve());
    worker.once('error', fail);
    worker.once('exit', () => fail('the thread that checks it has ended'));
  });
}

/** One for each turn of the event loop. */
async function allOf(port: MessagePort): Promise<readonly ToldPiece[]> {
  const pieces: ToldPiece[] = [];
  for (;;) {
    const received: { readonly message?: unknown } | undefined = receiveMessageOnPort(port);
    if (received === undefined) return pieces;
    pieces.push(received.message as ToldPiece);
    await nextTurn();
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
