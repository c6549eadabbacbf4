/** Options of the commands that look at profiles. */
import type { Option } from './command.ts';

export const configOption: Option = {
  name: 'config',
  kind: 'path',
  value: 'FILE',
  summary: 'the file of settings',
  default: 'authority.yaml in the state directory, where it exists',
};

export const profileOption: Option = {
  name: 'profile',
  kind: 'text',
  value: 'PROFILE',
  summary: 'the profile of the certificate (countersign profile list)',
  default: 'service',
};
