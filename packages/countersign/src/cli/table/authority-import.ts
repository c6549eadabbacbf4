/** `authority import` as data. */
import { authorityOptions, passphraseOption, type Command } from './command.ts';

export const authorityImport: Command = {
  name: 'authority import',
  group: 'authority',
  summary: "take the corporate authority's answer, and check all of it first",
  about:
    'Checks that the certificate is for the key that was made here, that it may issue (path length, usages, name constraints), that it is valid, and that a path leads to the root; shows the chain that will be handed out. Where a check fails nothing is changed. A running authority uses its new issuer from its next start on; where two administrators have the role root, the other one must approve it first.',
  arguments: [
    {
      name: 'FILE',
      summary: 'PEM, DER, PKCS#7 (.p7b) or PKCS#12, with the certificates up to the root; - is stdin',
      required: true,
      many: true,
    },
  ],
  options: [
    ...authorityOptions,
    {
      name: 'anchor',
      kind: 'path',
      value: 'FILE',
      summary: 'the corporate root, from where you trust it',
      default: 'a root that came with the answer, if you confirm its SHA-256 on a terminal',
    },
    {
      name: 'anchor-sha256',
      kind: 'text',
      value: 'HEX',
      summary: 'the SHA-256 of the root that came with the answer',
      default: 'see --anchor',
    },
    {
      name: 'pkcs12-passphrase-file',
      kind: 'path',
      value: 'FILE',
      summary: 'its first line opens PKCS#12; mode 0600; - is stdin',
      default: 'COUNTERSIGN_PKCS12_PASSPHRASE, else asked for on a terminal',
    },
    {
      name: 'trust-domain',
      kind: 'text',
      value: 'NAME',
      summary: 'of a new authority, where the key came with the answer',
      default: 'as the request said',
    },
    passphraseOption,
  ],
  examples: [
    { line: 'countersign authority import answer.pem --anchor corporate-root.pem', shows: 'the usual case' },
    { line: 'countersign authority import chain.p7b --anchor root.der', shows: 'PKCS#7 from a Windows authority' },
  ],
  result: ['dir', 'trustDomain', 'replaces', 'chain', 'anchor', 'warnings', 'proposal'],
};
