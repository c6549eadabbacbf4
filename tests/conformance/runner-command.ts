/** What the runners have in common as commands: their arguments, their exit status, and how they say that they could not run. */
import { resolve } from 'node:path';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { wrap } from '../../packages/countersign/src/cli/text/wrap.ts';

/** Why a run did not take place: 2 is used wrongly, 3 could not. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
  readonly status: 2 | 3;
  readonly remedy: string;

  constructor(status: 2 | 3, cause: string, remedy: string) {
    super(cause);
    this.status = status;
    this.remedy = remedy;
  }
}

/** Sets the exit status; an error that is nobody's wrong input ends the process as it always does. */
export function runCommand(name: string, main: () => void): void {
  try {
    main();
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error;
    process.stderr.write(`${wrap(`${name}: ${error.message}`, 80).join('\n')}\n${wrap(error.remedy, 80).join('\n')}\n`);
    process.exitCode = error.status;
  }
}

export interface Arguments {
  readonly text: (option: string) => string | undefined;
  readonly flag: (option: string) => boolean;
  /** The one argument that is no option: an absolute path. */
  readonly path: string;
}

/** `undefined` where --help was asked for. */
export function readArguments(
  options: ParseArgsOptionsConfig,
  what: string,
  usage: string,
  args: readonly string[] = process.argv.slice(2),
): Arguments | undefined {
  const remedy = `Type: ${usage} (--help says more)`;
  const { values, positionals } = parsed({ ...options, help: { type: 'boolean' } }, args, remedy);
  if (values['help'] === true) return undefined;
  const [path, ...more] = positionals;
  if (path === undefined || path === '') throw new CannotRun(2, `no ${what} given`, remedy);
  if (more.length > 0) throw new CannotRun(2, `more than one ${what} given: ${positionals.join(', ')}`, remedy);
  return {
    text: (option) => {
      const value = values[option];
      return typeof value === 'string' ? value : undefined;
    },
    flag: (option) => values[option] === true,
    path: resolve(callersDirectory(), path),
  };
}

interface Parsed {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
}

function parsed(options: ParseArgsOptionsConfig, args: readonly string[], remedy: string): Parsed {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CannotRun(2, error.message, remedy);
  }
}

/** npm runs scripts in the package's root, and tells where it was called itself. */
function callersDirectory(): string {
  const { npm_lifecycle_event: script, INIT_CWD: directory } = process.env;
  return script?.startsWith('conformance:') === true && directory !== undefined ? directory : process.cwd();
}
