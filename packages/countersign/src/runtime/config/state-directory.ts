/** Which directory holds the state: `--dir`, `COUNTERSIGN_DIR`, `./.countersign` where it exists, the XDG state folder. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export interface StateDirectoryQuestion {
  /** What `--dir` said. */
  readonly dir?: string | undefined;
  /** The process's environment; default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** What relative paths start from; default the working directory. */
  readonly workingDirectory?: string;
  /** Whether a path exists; default the file system's answer. */
  readonly exists?: (path: string) => boolean;
}

/** An absolute path; nothing is created or checked. */
export function stateDirectory(question: StateDirectoryQuestion = {}): string {
  const { environment = process.env, workingDirectory = process.cwd(), exists = existsSync } = question;
  const said = question.dir ?? given(environment, 'COUNTERSIGN_DIR');
  if (said !== undefined) return resolve(workingDirectory, said);
  const beside = resolve(workingDirectory, '.countersign');
  if (exists(beside)) return beside;
  // XDG Base Directory 0.8: a relative XDG_STATE_HOME is invalid and to be ignored.
  const xdg = given(environment, 'XDG_STATE_HOME');
  const home = given(environment, 'HOME') ?? homedir();
  return join(xdg?.startsWith('/') === true ? xdg : join(home, '.local', 'state'), 'countersign');
}

function given(environment: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const value = environment[name];
  return value === '' ? undefined : value;
}
