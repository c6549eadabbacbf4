/** The help of one command, as text or as its line of the table. */
import type { Output } from '../output/output.ts';
import type { Command } from '../table/command.ts';
import { describe } from './describe.ts';
import { helpText } from './help-text.ts';

export function showHelp(command: Command, output: Output): number {
  if (!output.json) output.say(helpText(command, output.paint));
  output.result(describe(command));
  return 0;
}
