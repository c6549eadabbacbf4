/** `hold` and `release` as data. */
import { authorityOptions, type Command } from './command.ts';

export const hold: Command = {
  name: 'hold',
  group: 'certificates',
  summary: 'revoke certificates until they are released',
  about:
    'As revoke: every endpoint is told at once, closes the connections concerned and lets nobody in with them, and they are not renewed. But release takes it back: then they are let in again, and nothing needs to be restarted. What is held can still be revoked for good.',
  arguments: [
    {
      name: 'SERIAL|NAME',
      summary: 'a serial as list shows it, or a name: all its certificates',
      required: true,
      many: false,
    },
  ],
  options: [...authorityOptions],
  examples: [
    { line: 'countersign hold web', shows: 'all certificates of web' },
    { line: 'countersign hold 5A0C93B7E1D24F668890ABCDEF012345', shows: 'one certificate and its line of renewals' },
  ],
  result: ['enforced', 'of', 'ms', 'unreachable', 'closed', 'serials', 'number'],
};

export const release: Command = {
  name: 'release',
  group: 'certificates',
  summary: 'end the hold of certificates',
  about:
    'Every endpoint is told at once, and lets them in again; an endpoint that can not be reached refuses them until it hears of it. What was revoked for good, or any certificate of the same line of renewals, is not released.',
  arguments: [
    {
      name: 'SERIAL',
      summary: 'a serial as list shows it; its whole line of renewals is released',
      required: true,
      many: false,
    },
  ],
  options: [...authorityOptions],
  examples: [{ line: 'countersign release 5A0C93B7E1D24F668890ABCDEF012345', shows: 'let in again at once' }],
  result: ['enforced', 'of', 'ms', 'unreachable', 'serials', 'number'],
};
