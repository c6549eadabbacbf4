/** `profile list` as data. */
import { dirOption, type Command } from './command.ts';
import { configOption } from './profile-options.ts';

export const profileList: Command = {
  name: 'profile list',
  group: 'authority',
  summary: 'show the profiles of the settings',
  about:
    'A profile says what a certificate may contain. They are read from the file, whether or not an authority runs with it; service, the default one, is always there.',
  arguments: [],
  options: [configOption, dirOption],
  examples: [
    { line: 'countersign profile list', shows: 'those of the state directory' },
    { line: 'countersign profile list --config next.yaml', shows: 'those of a file that is not in force yet' },
  ],
  result: ['path', 'count'],
};
