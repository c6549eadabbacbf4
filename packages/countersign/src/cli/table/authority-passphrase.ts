/** `authority passphrase` as data. */
import { dirOption, passphraseOption, type Command } from './command.ts';

export const authorityPassphrase: Command = {
  name: 'authority passphrase',
  group: 'authority',
  summary: "change, add or remove the passphrase of the authority's keys",
  about:
    'All key files of the state directory are written anew, or none of them; the keys themselves stay as they are. The authority must not be running. A passphrase is never an argument: it comes from a file, a variable, or a terminal.',
  arguments: [],
  options: [
    dirOption,
    { ...passphraseOption, summary: "its first line opens the authority's keys as they are; mode 0600; - is stdin" },
    {
      name: 'new-passphrase-file',
      kind: 'path',
      value: 'FILE',
      summary: 'its first line becomes the passphrase; mode 0600; - is stdin',
      default: 'COUNTERSIGN_NEW_PASSPHRASE, else asked for twice on a terminal',
    },
    {
      name: 'remove',
      kind: 'switch',
      summary: 'leave the keys unencrypted, readable by this user alone',
      default: 'off',
    },
  ],
  examples: [
    { line: 'countersign authority passphrase', shows: 'asks for the old one, if there is one, and for the new one' },
    {
      line: 'countersign authority passphrase --new-passphrase-file new.txt',
      shows: 'encrypts keys that are not yet, without a terminal',
    },
  ],
  result: ['files', 'encrypted'],
};
