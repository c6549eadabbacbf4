/** `authority audit erase` as data. */
import { authorityOptions, type Command } from './command.ts';

export const authorityAuditErase: Command = {
  name: 'authority audit erase',
  group: 'authority',
  summary: 'erase what the audit log says of a person',
  about:
    'Removes names, addresses and actors from the log; their salted hashes stay, so the log verifies as before and nobody can guess what stood there. It cannot be undone, and an entry says that it was done. Certificates, backups and earlier exports keep what they hold. On a terminal it asks first.',
  arguments: [],
  options: [
    ...authorityOptions,
    {
      name: 'name',
      kind: 'text',
      value: 'NAME',
      summary: 'a name of certificates and tokens, as it stands in them',
      default: 'none; one of --name and --actor is needed',
    },
    {
      name: 'actor',
      kind: 'text',
      value: 'NAME',
      summary: 'who acted, as authority audit list shows it',
      default: 'none; one of --name and --actor is needed',
    },
    { name: 'yes', kind: 'switch', summary: 'do not ask', default: 'asks on a terminal' },
  ],
  examples: [
    { line: 'countersign authority audit erase --name anna-laptop', shows: 'the name of a device' },
    {
      line: "countersign authority audit erase --actor 'uid:1000 (anna)' --yes",
      shows: 'an administrator, without asking',
    },
  ],
  result: ['fields', 'proposal'],
};
