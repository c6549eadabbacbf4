/** `authority proposals`, `authority approve` and `authority reject` as data. */
import { authorityOptions, type Argument, type Command } from './command.ts';

const fields = [
  ...['id', 'operation', 'what', 'contentSha256', 'roles', 'state', 'needed', 'agreed', 'proposedAt', 'expiresAt'],
];

const id: Argument = { name: 'ID', summary: 'as authority proposals shows it', required: true, many: false };

export const authorityProposals: Command = {
  name: 'authority proposals',
  group: 'authority',
  summary: 'show what waits for a second person',
  about:
    'Some operations take two different persons with the role: more for an administrator, wider profiles, a new issuer, erased history. Each is shown with exactly what will happen, who has agreed and who may. After 24 hours nobody can agree to it any more.',
  arguments: [],
  options: [
    ...authorityOptions,
    {
      name: 'all',
      kind: 'switch',
      summary: 'also what was decided or has expired',
      default: 'off; with --json always on',
    },
  ],
  examples: [{ line: 'countersign authority proposals --credential ./me', shows: 'from another machine' }],
  result: ['count'],
};

export const authorityApprove: Command = {
  name: 'authority approve',
  group: 'authority',
  summary: 'agree to a proposal; the last person needed carries it out',
  about:
    'Shows what will happen and asks, on a terminal. The approval is for exactly the content that was shown. Whoever proposed it or agreed before cannot agree again.',
  arguments: [id],
  options: [
    ...authorityOptions,
    { name: 'yes', kind: 'switch', summary: 'do not ask', default: 'asks on a terminal' },
    {
      name: 'out',
      kind: 'path',
      value: 'FILE',
      summary: 'write a token that comes of it there (mode 0600; must not exist) instead of printing it',
      default: 'stdout',
    },
  ],
  examples: [{ line: 'countersign authority approve 9Jx0c2VrQ-1a', shows: 'as the other person' }],
  result: [...fields, 'outcome'],
};

export const authorityReject: Command = {
  name: 'authority reject',
  group: 'authority',
  summary: 'end a proposal',
  about: 'One person with the role is enough, whoever proposed it included.',
  arguments: [id],
  options: [...authorityOptions],
  examples: [{ line: 'countersign authority reject 9Jx0c2VrQ-1a', shows: 'nothing comes of it' }],
  result: fields,
};
