/** `status` as data. */
import { authorityOptions, type Command } from './command.ts';

export const status: Command = {
  name: 'status',
  group: 'authority',
  summary: 'show how the authority is',
  about:
    'What serves and since when, whether it could issue now and if not why, when its issuer expires, how many certificates there are, which endpoints follow the feed of revocations and how long what was revoked may still be accepted, the database and the room left. Ends with 0 when it is ready, 1 when it is not, 3 when nothing serves; then it shows what the files tell.',
  arguments: [],
  options: [
    ...authorityOptions,
    {
      name: 'watch',
      kind: 'switch',
      summary: 'show it again every two seconds, until Ctrl-C',
      default: 'off',
    },
    {
      name: 'follow',
      kind: 'switch',
      summary: 'show what is revoked, held and released as it happens, until Ctrl-C; on the machine of the authority',
      default: 'off',
    },
  ],
  examples: [
    { line: 'countersign status', shows: 'the authority of this state directory' },
    { line: 'countersign status --follow', shows: 'each revocation, hold and release as it is told to endpoints' },
    { line: 'countersign status --json', shows: 'the same for a program' },
  ],
  result: ['running', 'dir'],
};
