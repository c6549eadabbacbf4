/** `authority backup verify` as data. */
import { backupPassphraseOption } from '../backup/passphrase-option.ts';
import type { Command } from './command.ts';

export const authorityBackupVerify: Command = {
  name: 'authority backup verify',
  group: 'authority',
  summary: 'whether a backup could be restored, tried to its end',
  about:
    'Decrypts all of it, compares each file with its hash, reads the whole database, and looks whether keys and certificates belong together. Needs as much room in the folder for temporary files as the backup has, and leaves nothing there.',
  arguments: [{ name: 'FILE', summary: 'the backup', required: true, many: false }],
  options: [backupPassphraseOption],
  examples: [
    { line: 'countersign authority backup verify authority.backup', shows: 'where it is kept, after each copy' },
  ],
  result: ['file', 'createdAt', 'trustDomain', 'certificates', 'revocations', 'files'],
};
