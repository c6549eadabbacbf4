/** `countersign gateway` as a child that goes on: the events of its log so far, a wait for one of them, and what its admin socket answers. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Event, start } from './command.ts';

export interface GatewayProcess {
  readonly child: ChildProcess;
  readonly port: number;
  /** What it said when it listened. */
  readonly listening: Event;
  readonly events: readonly Event[];
  /** The first event that fits, from the beginning on. */
  heard(is: (event: Event) => boolean): Promise<Event>;
  /** The body of what the admin socket answers, `admin.sock` beside the configuration. */
  seen(path: string): Promise<string>;
  /** @returns its exit status */
  end(): Promise<number>;
}

/** @param path of its configuration */
export async function startGatewayProcess(path: string): Promise<GatewayProcess> {
  const child = start(['gateway', path]);
  child.stderr?.pipe(process.stderr);
  const { stdout } = child;
  if (stdout === null) throw new TypeError('the child has no stdout');
  const events: Event[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: stdout }).on('line', (line) => {
    // Whole, whichever process said it.
    events.push(JSON.parse(line) as Event);
    for (const look of waiting) look();
  });
  const heard = (is: (event: Event) => boolean): Promise<Event> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = events.find(is);
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const listening = await heard(({ event }) => event === 'listening');
  const socketPath = join(dirname(path), 'admin.sock');
  return {
    child,
    port: Number(listening['port']),
    listening,
    events,
    heard,
    seen: async (asked) => (await answerTo(request({ socketPath, path: asked }))).body,
    end: async () => {
      child.kill('SIGTERM');
      const [status] = (await once(child, 'exit')) as [number];
      return status;
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export async function answerTo(asking: ClientRequest): Promise<Answer> {
  const [answer] = (await once(asking.end(), 'response')) as [IncomingMessage];
  let body = '';
  for await (const piece of answer.setEncoding('utf8')) body += String(piece);
  return { status: answer.statusCode ?? 0, body };
}
