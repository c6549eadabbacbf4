/** `administrator add` as data. */
import { authorityOptions, type Command } from './command.ts';

export const administratorAdd: Command = {
  name: 'administrator add',
  group: 'authority',
  summary: 'make a one-time token for an administrator whom the settings name',
  about:
    'The settings say which roles a name has (administrators.certificates); the certificate says that somebody is it. Needs the role root; where two persons are the rule, another one must approve, and gets the token. Whoever holds it becomes that administrator: hand it over as the secret that it is. The certificate is of use at the authority alone, for a client, and lives for a day.',
  arguments: [{ name: 'NAME', summary: 'the name under administrators.certificates', required: true, many: false }],
  options: [
    ...authorityOptions,
    {
      name: 'role',
      kind: 'text',
      value: 'ROLE',
      many: true,
      summary:
        'auditor, operator, issuer or root, each with an option of its own: refused unless the settings give exactly these',
      default: 'whatever the settings give',
    },
    {
      name: 'life',
      kind: 'duration',
      value: 'DURATION',
      summary: 'how long the token can be used (s, m, h, d)',
      default: '1h',
    },
    {
      name: 'out',
      kind: 'path',
      value: 'FILE',
      summary: 'write the token there (mode 0600; must not exist) instead of printing it',
      default: 'stdout',
    },
  ],
  examples: [
    {
      line: 'countersign administrator add carol --role operator --out carol.token',
      shows: 'carol enrols with it: countersign issue --token-file',
    },
  ],
  result: ['token', 'names', 'expires', 'file', 'proposal'],
};
