/** `issue` as data. */
import { dirOption, type Command } from './command.ts';
import { profileOption } from './profile-options.ts';

export const issue: Command = {
  name: 'issue',
  group: 'certificates',
  summary: 'get a certificate: with a token, or from the local authority',
  about:
    'Makes a key, which never leaves the folder, and asks for a certificate: cert.pem (the chain without the root), key.pem (readable by you alone) and roots.pem. With a token nothing but the pin in the token is trusted. Interrupted, it can be repeated with the same token and folder.',
  arguments: [
    {
      name: 'NAME',
      summary: 'a DNS name or a SPIFFE ID, where no token says it',
      required: false,
      many: true,
    },
  ],
  options: [
    {
      name: 'out',
      kind: 'path',
      value: 'DIR',
      summary: 'the folder for the three files; made if need be',
      default: '',
      required: true,
    },
    {
      name: 'token-file',
      kind: 'path',
      value: 'FILE',
      summary: 'the file that holds the token; - is stdin',
      default: 'COUNTERSIGN_TOKEN, where no NAME is given',
    },
    dirOption,
    {
      name: 'certificate-life',
      kind: 'duration',
      value: 'DURATION',
      summary: 'life of the certificate (s, m, h, d); with a token, the token says',
      default: "the profile's: 24h",
    },
    {
      name: 'key-type',
      kind: 'choice',
      value: 'TYPE',
      choices: ['P-256', 'P-384', 'Ed25519'],
      summary: "the kind of key, of those that the profile takes; a folder's own key stays",
      default: 'P-256',
    },
    { ...profileOption, summary: `${profileOption.summary}; with a token, the token says` },
  ],
  examples: [
    {
      line: 'countersign issue --token-file web.token --out ./web',
      shows: 'on another machine, with what countersign token made',
    },
    { line: 'countersign issue web.internal --out ./web', shows: 'on the machine of the authority' },
    { line: 'countersign issue web.internal --key-type P-384 --out ./web', shows: 'with a key of another kind' },
  ],
  result: ['out', 'serial', 'names', 'notAfter', 'spiffeId'],
};
