/** `revoke` as data. */
import { authorityOptions, type Command } from './command.ts';

export const revoke: Command = {
  name: 'revoke',
  group: 'certificates',
  summary: 'end certificates now, and their live connections with them',
  about:
    'Tells every endpoint at once and waits for their answers: "enforced on 2 of 3" counts those that have closed the connections concerned. It cannot be undone (hold can); the names need a new token afterwards. On a terminal it asks first. --by-identity also revokes what is not on record, and refuses tokens that were made for the identity before; --by-issuer revokes everything under an issuer that is not in use any more. Both say first what they will cut, and need --yes where nobody can be asked.',
  arguments: [
    {
      name: 'SERIAL|NAME',
      summary: 'a serial as list shows it, or a name: all its certificates',
      required: false,
      many: false,
    },
  ],
  options: [
    ...authorityOptions,
    {
      name: 'reason',
      kind: 'choice',
      value: 'REASON',
      // Those of RFC 5280, 5.3.1, that a person chooses from; a test compares them with the authority's.
      choices: [
        'unspecified',
        'keyCompromise',
        'affiliationChanged',
        'superseded',
        'cessationOfOperation',
        'privilegeWithdrawn',
      ],
      summary: 'why, for the record; after keyCompromise the same key gets no certificate again',
      default: 'unspecified',
    },
    {
      name: 'by-identity',
      kind: 'text',
      value: 'SPIFFE-ID|NAME',
      summary: 'an identity: all its certificates that were issued until now, and its tokens',
      default: 'none',
    },
    {
      name: 'by-issuer',
      kind: 'text',
      value: 'KEY|SERIAL',
      summary: 'everything under an issuer: the SHA-256 of its key, or the serial of a certificate that it issued',
      default: 'none',
    },
    {
      name: 'yes',
      kind: 'switch',
      summary: 'do not ask',
      default: 'asks on a terminal; needed off one with --by-identity and --by-issuer',
    },
  ],
  examples: [
    { line: 'countersign revoke web', shows: 'all certificates of web' },
    { line: 'countersign revoke 5A0C93B7E1D24F668890ABCDEF012345 --reason keyCompromise', shows: 'one certificate' },
    { line: 'countersign revoke --by-identity web --yes', shows: 'the identity, whatever it holds' },
  ],
  result: ['enforced', 'of', 'ms', 'unreachable', 'closed', 'serials', 'number', 'identity', 'issuerKey'],
};
