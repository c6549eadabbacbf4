/** `profile test` as data. */
import { dirOption, type Command } from './command.ts';
import { configOption } from './profile-options.ts';

export const profileTest: Command = {
  name: 'profile test',
  group: 'authority',
  summary: 'say what a request would bring under a profile, and by which rule',
  about:
    'Nothing is issued, and no authority need be running: the file of settings is enough. Each name, the key and the life are judged as they would be, and each answer names its rule. Without --name, the names are those of the request, as a token for them would say. Exit status 1: it would be refused.',
  arguments: [{ name: 'PROFILE', summary: 'its name', required: true, many: false }],
  options: [
    {
      name: 'csr',
      kind: 'path',
      value: 'FILE',
      summary: 'the certification request, PEM; - is stdin',
      default: '',
      required: true,
    },
    {
      name: 'name',
      kind: 'text',
      value: 'NAME',
      summary: 'a name that the token would say; may be given several times',
      default: 'the names of the request, or those of the profile',
      many: true,
    },
    {
      name: 'certificate-life',
      kind: 'duration',
      value: 'DURATION',
      summary: 'the life that the token would say (s, m, h, d)',
      default: "the profile's",
    },
    {
      name: 'trust-domain',
      kind: 'text',
      value: 'NAME',
      summary: 'the trust domain, where the state directory has no authority',
      default: 'dev.internal',
    },
    configOption,
    dirOption,
  ],
  examples: [
    { line: 'countersign profile test service --csr web.csr', shows: 'under the default profile' },
    {
      line: 'countersign profile test db --csr db.csr --config next.yaml',
      shows: 'under a file that is not in force yet',
    },
  ],
  result: ['path', 'profile', 'wouldIssue', 'certificate', 'code', 'title', 'evidence', 'remedy'],
};
