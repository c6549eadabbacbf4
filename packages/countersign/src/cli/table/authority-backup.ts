/** `authority backup` as data. */
import { backupPassphraseOption } from '../backup/passphrase-option.ts';
import { type Command, dirOption } from './command.ts';

export const authorityBackup: Command = {
  name: 'authority backup',
  group: 'authority',
  summary: 'keys, settings and database in one encrypted file',
  about:
    'Works while the authority runs, which goes on issuing meanwhile, and while it does not. The copy is checked before it is written; the file is made whole or not at all. Whoever has the file and its passphrase has the authority: keep the two apart.',
  arguments: [],
  options: [
    dirOption,
    {
      name: 'out',
      kind: 'path',
      value: 'FILE',
      summary: 'the backup; must not exist',
      default: 'must be given',
      required: true,
    },
    backupPassphraseOption,
  ],
  examples: [
    {
      line: 'countersign authority backup --out authority.backup --passphrase-file backup.pass',
      shows: 'by a timer, with the passphrase in a file that only you can read',
    },
  ],
  result: ['file', 'createdAt', 'certificates', 'revocations', 'files', 'bytes', 'online'],
};
