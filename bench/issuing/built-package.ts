/** The package as its users have it: compiled, without types to strip, which is what its memory and its start are measured of. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

let built: string | undefined;

/** The options that the package's launcher gives to Node for `up`. */
export function launcherOptions(): readonly string[] {
  return [...commandOptions(), ...optionsIn(/options="\$options (.+)"$/m)];
}

/** Those for every command. */
export function commandOptions(): readonly string[] {
  return optionsIn(/^options='(.+)'$/m);
}

function optionsIn(form: RegExp): readonly string[] {
  const options = form.exec(readFileSync(resolve(root, 'packages/countersign/bin/countersign'), 'utf8'))?.[1];
  if (options === undefined) throw new Error('the launcher is not written as this knows it');
  return options.split(' ');
}

/** For tests of the scenarios: compiling takes longer than all else, and others may be using what was compiled. */
const fromSources = (): boolean => process.env['COUNTERSIGN_BENCH_SOURCES'] === '1';

/** The command's main module; compiled once a run, some fifteen seconds. */
export function builtMain(): string {
  if (fromSources()) return resolve(root, 'packages/countersign/src/cli/main.ts');
  if (built === undefined) {
    execFileSync(process.execPath, [resolve(root, 'tools/build/run.ts')], { stdio: ['ignore', 'ignore', 'inherit'] });
    built = resolve(root, 'packages/countersign/dist/cli/main.js');
  }
  return built;
}

/** The options with which a program of the benchmarks imports the compiled package. */
export function importingOptions(): readonly string[] {
  if (fromSources()) return ['--conditions=source'];
  builtMain();
  return [];
}
