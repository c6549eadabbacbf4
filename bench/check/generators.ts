/** Ours and other generators of load, asked for the same: so many connections for so long, one request at a time on each. */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../frame/server-process.ts';
import { host } from '../servers/tls-server.ts';

export interface Told {
  readonly perSecond: number;
  readonly operations: number;
}

export interface Asked {
  readonly port: number;
  readonly http: 1 | 2;
  readonly connections: number;
  readonly seconds: number;
}

export interface Generator {
  readonly name: string;
  readonly speaks: readonly (1 | 2)[];
  /** Whether it is there. */
  readonly present: boolean;
  run(asked: Asked): Promise<Told>;
}

const main = resolve(import.meta.dirname, '../../packages/countersign/src/cli/main.ts');
const taskset = availableParallelism() > 1 ? findProgram('taskset') : undefined;

/** On the second core: the server has the first. */
async function outputOf(program: string, args: readonly string[]): Promise<string> {
  const line = taskset === undefined ? [program, ...args] : [taskset, '-c', '1', program, ...args];
  const { stdout } = await promisify(execFile)(line[0] ?? program, line.slice(1), { maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}

export const ours: Generator = {
  name: 'countersign bench',
  speaks: [1, 2],
  present: true,
  run: async ({ port, http, connections, seconds }) => {
    const line = ['bench', `${host}:${port}`, '--plain', '--load', 'requests', '--http', String(http), '--json'];
    const amount = ['--connections', String(connections), '--duration', `${seconds}s`];
    const output = await outputOf(process.execPath, [main, ...line, ...amount]);
    return JSON.parse(output.trim().split('\n').at(-1) ?? '{}') as Told;
  },
};

const wrk = findProgram('wrk');
const h2load = findProgram('h2load');

export const others: readonly Generator[] = [
  {
    name: 'wrk',
    speaks: [1],
    present: wrk !== undefined,
    run: async ({ port, connections, seconds }) => {
      const args = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, `http://${host}:${port}/`];
      const output = await outputOf(wrk ?? 'wrk', args);
      return {
        perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]),
        operations: Number(/(\d+) requests in/.exec(output)?.[1]),
      };
    },
  },
  {
    name: 'h2load',
    speaks: [1, 2],
    present: h2load !== undefined,
    run: async ({ port, http, connections, seconds }) => {
      const version = http === 1 ? ['--h1'] : [];
      const args = ['-c', String(connections), '-m', '1', '-D', String(seconds), `http://${host}:${port}/`];
      const output = await outputOf(h2load ?? 'h2load', [...version, ...args]);
      return {
        perSecond: Number(/finished in [^,]+, ([\d.]+) req\/s/.exec(output)?.[1]),
        operations: Number(/, (\d+) succeeded/.exec(output)?.[1]),
      };
    },
  },
];
