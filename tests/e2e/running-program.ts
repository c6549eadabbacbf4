/** `countersign run` as a child that goes on: its events so far, and a wait for the next one of a kind. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Event, start, type Surroundings } from './command.ts';

export interface RunningProgram {
  readonly pid: number;
  readonly events: readonly Event[];
  /** What the program and `run` wrote to stderr so far. */
  said(): string;
  /** The first event that fits, from the beginning on. */
  until(name: string, fits?: (event: Event) => boolean): Promise<Event>;
  stop(): Promise<number | null>;
}

const longestMs = 60_000;

/** @param args after `run --json` */
export function startRun(args: readonly string[], surroundings: Surroundings = {}): RunningProgram {
  const child = start(['run', '--json', ...args], surroundings);
  const events: Event[] = [];
  let [said, gone] = ['', false];
  child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const one of waiting) one();
  };
  const { stdout } = child;
  if (stdout === null) throw new TypeError('the child has no stdout');
  const lines = createInterface(stdout);
  lines.on('line', (line) => {
    events.push(JSON.parse(line) as Event);
    wake();
  });
  // Not 'close': whatever the program has started may hold the pipes open.
  const ended = once(child, 'exit').then(([code]) => {
    gone = true;
    wake();
    child.stdout?.destroy();
    child.stderr?.destroy();
    return code as number | null;
  });
  const until = (name: string, fits: (event: Event) => boolean = () => true): Promise<Event> =>
    new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        settle();
        reject(new Error(`${why}: no event ${name} that fits; ${JSON.stringify(events)} ${said}`));
      };
      const look = (): void => {
        const found = events.find((one) => one['event'] === name && fits(one));
        if (found === undefined) {
          if (gone) fail('it ended');
          return;
        }
        settle();
        resolve(found);
      };
      const late = setTimeout(() => fail('too late'), longestMs);
      const settle = (): void => {
        clearTimeout(late);
        waiting.delete(look);
      };
      waiting.add(look);
      look();
    });
  return {
    pid: child.pid ?? 0,
    events,
    said: () => said,
    until,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
