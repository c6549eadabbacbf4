/** `profile renewals` as data. */
import { authorityOptions, type Command } from './command.ts';
import { configOption } from './profile-options.ts';

export const profileRenewals: Command = {
  name: 'profile renewals',
  group: 'authority',
  summary: 'say who would lose access at the next renewal with these settings',
  about:
    'Policy holds at each renewal, so a change of profiles can end certificates that are in use. The running authority judges every certificate that can still be renewed by the profiles of the file, as renewing with the same key would. Nothing is changed. Exit status 1: somebody would lose access.',
  arguments: [],
  options: [configOption, ...authorityOptions],
  examples: [
    { line: 'countersign profile renewals --config next.yaml', shows: 'before a new file is put into force' },
    { line: 'countersign profile renewals', shows: 'with the file as it is now' },
  ],
  result: ['path', 'checked', 'refused'],
};
