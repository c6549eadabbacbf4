/** One call of a command: what was typed, read and checked, and the world that it runs in. */
import type { Clock } from '../ground/clock/index.ts';
import type { Ending } from './process/ending.ts';
import type { Output } from './output/output.ts';
import type { OptionValues } from './option-values.ts';
import type { Command } from './table/command.ts';

/** All that a command may reach outside itself; a test hands in its own. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly execArgv: readonly string[];
  readonly workingDirectory: string;
  readonly pid: number;
  readonly clock: Clock;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly ending: Ending;
}

export interface Call {
  readonly command: Command;
  readonly options: OptionValues;
  readonly arguments: readonly string[];
  /** What stands after `--`, for a command that runs a program. */
  readonly program: readonly string[];
  readonly output: Output;
  readonly world: World;
}
