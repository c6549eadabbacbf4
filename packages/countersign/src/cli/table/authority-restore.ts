/** `authority restore` as data. */
import { backupPassphraseOption } from '../backup/passphrase-option.ts';
import { type Command, dirOption } from './command.ts';

export const authorityRestore: Command = {
  name: 'authority restore',
  group: 'authority',
  summary: 'an authority out of its backup',
  about:
    'Into an empty directory, and only when all of the backup has been verified. The restored authority begins a new life: the numbers of its feed jump ahead of everything that endpoints have heard, tokens that were not used by the time of the backup are void, and what was revoked or issued after it is learned from those who hold it. What can not be learned is said.',
  arguments: [{ name: 'FILE', summary: 'the backup', required: true, many: false }],
  options: [
    dirOption,
    backupPassphraseOption,
    { name: 'yes', kind: 'switch', summary: 'do not ask', default: 'asks on a terminal' },
  ],
  examples: [
    {
      line: 'countersign authority restore authority.backup --dir ./restored',
      shows: 'then: countersign up --dir ./restored',
    },
  ],
  result: ['dir', 'trustDomain', 'createdAt', 'firstNumber', 'certificates', 'revocations'],
};
