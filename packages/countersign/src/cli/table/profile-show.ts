/** `profile show` as data. */
import { dirOption, type Command } from './command.ts';
import { configOption } from './profile-options.ts';

export const profileShow: Command = {
  name: 'profile show',
  group: 'authority',
  summary: 'show all that one profile says',
  about:
    'Names, lives, keys, purposes, and where revocation is told; what the file does not say is shown as it is taken from the built-in profile.',
  arguments: [{ name: 'PROFILE', summary: 'its name', required: true, many: false }],
  options: [configOption, dirOption],
  examples: [{ line: 'countersign profile show service', shows: 'the default profile' }],
  result: [
    'path',
    'name',
    'names',
    'leastSeconds',
    'defaultSeconds',
    'mostSeconds',
    'renewAfterExpirySeconds',
    'keys',
    'keyUsage',
    'usages',
    'usagesCritical',
    'subject',
    'crl',
    'ocsp',
    'noRevAvail',
    'policies',
  ],
};
