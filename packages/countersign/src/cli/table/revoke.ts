/** `revoke` as data. */
import { authorityOptions, type Command } from './command.ts';

export const revoke: Command = {
  name: 'revoke',
  group: 'certificates',
  summary: 'end certificates now, and their live connections with them',
  about:
    'Tells every endpoint at once and waits for their answers: "enforced on 2 of 3" counts those that have closed the connections concerned. It cannot be undone; the names need a new token afterwards. On a terminal it asks first.',
  arguments: [
    {
      name: 'SERIAL|NAME',
      summary: 'a serial as list shows it, or a name: all its certificates',
      required: true,
      many: false,
    },
  ],
  options: [
    ...authorityOptions,
    {
      name: 'reason',
      kind: 'choice',
      value: 'REASON',
      // Those of RFC 5280, 5.3.1, that a person chooses from; a test compares them with the authority's.
      choices: [
        'unspecified',
        'keyCompromise',
        'affiliationChanged',
        'superseded',
        'cessationOfOperation',
        'privilegeWithdrawn',
      ],
      summary: 'why, for the record; after keyCompromise the same key gets no certificate again',
      default: 'unspecified',
    },
    { name: 'yes', kind: 'switch', summary: 'do not ask', default: 'asks on a terminal' },
  ],
  examples: [
    { line: 'countersign revoke web', shows: 'all certificates of web' },
    { line: 'countersign revoke 5A0C93B7E1D24F668890ABCDEF012345 --reason keyCompromise', shows: 'one certificate' },
  ],
  result: ['enforced', 'of', 'ms', 'unreachable', 'closed', 'serials', 'number'],
};
