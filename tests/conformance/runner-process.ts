/** A runner as a child process, called as a person would. */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { compiledModules } from '../fixtures/compiled-modules.ts';

export interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

const root = resolve(import.meta.dirname, '../..');

/** No run of a handful of cases takes longer. */
const longestMs = 30_000;

export function runRunner(suite: 'crl' | 'limbo' | 'ocsp' | 'pkits', args: readonly string[], cwd: string = root): Ran {
  return ran(process.execPath, ['--conditions=source', join(root, `tests/conformance/${suite}/run.ts`), ...args], cwd);
}

/** Through the script of package.json, called from a folder of the repository. */
export function npmRun(script: string, args: readonly string[], cwd: string = root): Ran {
  return ran('npm', ['run', '-s', script, '--', ...args], cwd);
}

function ran(program: string, args: readonly string[], cwd: string): Ran {
  // What the npm around the tests says of itself is not meant for these.
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$|NODE_)/.test(name));
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    env: { ...Object.fromEntries(kept), ...compiledModules },
    encoding: 'utf8',
    timeout: longestMs,
  });
  return { status, out: stdout, err: stderr };
}
