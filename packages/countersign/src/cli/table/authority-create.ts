/** `authority create` as data. */
import { dirOption, passphraseOption, rootPassphraseOption, type Command } from './command.ts';

export const authorityCreate: Command = {
  name: 'authority create',
  group: 'authority',
  summary: 'make an authority: its own root, a root carried away, or a corporate one',
  about:
    "Before the first start, for those who do not want what up makes by itself. With --offline-root the root's key is written, under a passphrase of its own, into a folder that is carried away; the state directory never holds it. With --issuer there is no root: a key and a request are made, and authority import takes the answer of the corporate authority.",
  arguments: [],
  options: [
    dirOption,
    {
      name: 'trust-domain',
      kind: 'text',
      value: 'NAME',
      summary: 'the name under which all its identities stand, for good',
      default: 'dev.internal; with --issuer it must be given',
    },
    {
      name: 'offline-root',
      kind: 'path',
      value: 'FOLDER',
      summary: 'write the root and the transcript there, to be carried away; new or empty',
      default: 'the root stays in the state directory',
    },
    rootPassphraseOption,
    passphraseOption,
    { name: 'issuer', kind: 'switch', summary: 'make an issuer for a corporate root to certify', default: 'off' },
    {
      name: 'name',
      kind: 'text',
      value: 'NAME',
      summary: 'with --issuer: the name to ask for, such as CN=Issuer 1,O=Example',
      default: 'the trust domain, with a mark that no other issuer has',
    },
    {
      name: 'out',
      kind: 'path',
      value: 'FILE',
      summary: 'with --issuer: where the request goes',
      default: 'issuer.request.pem',
    },
  ],
  examples: [
    { line: 'countersign authority create --trust-domain corp.internal', shows: 'a root of its own, here' },
    {
      line: 'countersign authority create --offline-root /media/root',
      shows: 'asks for a passphrase; the root is on the stick alone',
    },
    {
      line: 'countersign authority create --issuer --trust-domain corp.internal',
      shows: 'a request for the corporate authority',
    },
  ],
  result: ['dir', 'trustDomain', 'chain', 'anchor', 'root', 'transcript', 'request', 'sha256', 'keySha256'],
};
