/** The package as its users have it: compiled, without types to strip, which is what its memory and its start are measured of. */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

let built: string | undefined;

/** The command's main module; compiled once a run, some fifteen seconds. */
export function builtMain(): string {
  if (built === undefined) {
    execFileSync(process.execPath, [resolve(root, 'tools/build/run.ts')], { stdio: ['ignore', 'ignore', 'inherit'] });
    built = resolve(root, 'packages/countersign/dist/cli/main.js');
  }
  return built;
}
