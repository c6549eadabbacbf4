/** `help` as data. */
import type { Command } from './command.ts';

export const help: Command = {
  name: 'help',
  group: 'about',
  summary: 'show the commands, or one of them with its options',
  about: 'With --json the whole table: one line a command, then the exit statuses.',
  arguments: [{ name: 'COMMAND', summary: 'the one to explain', required: false, many: true }],
  options: [],
  examples: [{ line: 'countersign help run', shows: 'what run does, its options and defaults' }],
  environment: 'any',
  result: ['version', 'commands', 'exitStatuses'],
};
