/** `list` as data. */
import { dirOption, type Command } from './command.ts';

export const list: Command = {
  name: 'list',
  group: 'certificates',
  summary: 'show the certificates that the authority issued',
  about: 'Names, expiry, status and serial of each, in the order of issue. With --json one line each.',
  arguments: [],
  options: [dirOption],
  examples: [
    { line: 'countersign list', shows: 'all of them' },
    { line: 'countersign list --json | grep \'"valid"\'', shows: 'those that are valid now' },
  ],
  result: ['count'],
  load: () => import('../commands/list.ts'),
};
