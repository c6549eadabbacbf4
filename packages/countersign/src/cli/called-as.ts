/** How the person called the command, so that the lines we print work when pasted. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

type Environment = Readonly<Record<string, string | undefined>>;

/** npx sets npm_command=exec; a package script sets start, run-script or test, where the bin is not on PATH either. */
const throughNpm: ReadonlySet<string> = new Set(['exec', 'start', 'run', 'run-script', 'test']);

export function calledAs(env: Environment): string {
  if (throughNpm.has(env['npm_command'] ?? '')) return 'npx countersign';
  if (isOnPath('countersign', env)) return 'countersign';
  // The same distance from src/cli and from dist/cli.
  return shellWords([fileURLToPath(new URL('../../bin/countersign', import.meta.url))]);
}

function isOnPath(name: string, env: Environment): boolean {
  return (env['PATH'] ?? '')
    .split(delimiter)
    .some((folder) => folder.startsWith('/') && isExecutable(join(folder, name)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Words of a shell command, quoted where they need it. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
