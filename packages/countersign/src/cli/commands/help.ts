/** `help`: the table of commands, or one of them. */
import { Refusal } from '../../ground/errors/index.ts';
import type { Call } from '../call.ts';
import { describe } from '../help/describe.ts';
import { overviewText } from '../help/overview-text.ts';
import { showHelp } from '../help/show-help.ts';
import { commands } from '../table/commands.ts';
import { exitStatuses } from '../table/exit-statuses.ts';
import { nearMatch } from '../text/near-match.ts';
import { version } from '../version.ts';

export function run({ arguments: [name], output }: Call): Promise<number> {
  if (name !== undefined) {
    const command = commands.find((candidate) => candidate.name === name);
    if (command !== undefined) return Promise.resolve(showHelp(command, output));
    const names = commands.map((candidate) => candidate.name);
    throw new Refusal('CS-USAGE-001', { given: name, nearest: nearMatch(name, names) ?? 'none' });
  }
  if (!output.json) output.say(overviewText(commands, output.paint));
  for (const command of commands) output.event('command', describe(command));
  output.result({ version: version(), commands: commands.length, exitStatuses });
  return Promise.resolve(0);
}
