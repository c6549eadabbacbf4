/** `help`: the table of commands, or one of them. */
import { Refusal } from '../../ground/errors/index.ts';
import type { Call } from '../call.ts';
import { describe } from '../help/describe.ts';
import { overviewText } from '../help/overview-text.ts';
import { showHelp } from '../help/show-help.ts';
import type { Command } from '../table/command.ts';
import { commands } from '../table/commands.ts';
import { exitStatuses } from '../table/exit-statuses.ts';
import { findCommand } from '../table/find-command.ts';
import { version } from '../version.ts';

export function run({ arguments: words, output }: Call): Promise<number> {
  if (words.length > 0) return Promise.resolve(showHelp(named(words), output));
  if (!output.json) output.say(overviewText(commands, output.paint));
  for (const command of commands) output.event('command', describe(command));
  output.result({ version: version(), commands: commands.length, exitStatuses });
  return Promise.resolve(0);
}

function named(words: readonly string[]): Command {
  const { command, rest } = findCommand(words, commands);
  const [beyond] = rest;
  if (beyond !== undefined)
    throw new Refusal('CS-USAGE-005', { given: beyond, help: `countersign help ${command.name}` });
  return command;
}
