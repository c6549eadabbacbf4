/** Options that say by which means beside the feed an endpoint finds out whether a peer is revoked. */
import type { Option } from './command.ts';

/** What is fetched may be named by others, who would have this machine ask its neighbours. */
export const privateSourcesOption: Option = {
  name: 'allow-private-revocation-sources',
  kind: 'switch',
  summary: 'lists and responders at addresses of private ranges, this machine among them, are asked too',
  default: 'off',
};

/** Of a server, for its own certificate. */
export const stapleOption: Option = {
  name: 'staple',
  kind: 'text',
  value: 'URL|named',
  summary: 'the front staples what this OCSP responder says of its certificate, or the one that the certificate names',
  default: 'off: nothing is stapled',
};

export const revocationMeansOptions: readonly Option[] = [
  {
    name: 'crl',
    kind: 'text',
    value: 'FILE|URL',
    many: true,
    summary:
      'revocation lists that must call each peer good whom the feed does not tell of, by http:// or a file of PEM or DER; read again as they change; may be repeated',
    default: 'none: the feed alone decides',
  },
  {
    name: 'crl-from-certificates',
    kind: 'switch',
    summary: 'the same by the lists that certificates name (CRL distribution points)',
    default: 'off',
  },
  {
    name: 'ocsp',
    kind: 'text',
    value: 'URL|named',
    summary: 'ask this OCSP responder about each certificate, or those that certificates name',
    default: 'off',
  },
  {
    name: 'undetermined',
    kind: 'choice',
    value: 'WHAT',
    choices: ['refuse', 'let-in'],
    summary:
      'a peer of whom lists and responders say nothing: refuse, or let in whom nothing called revoked before; with let-in, who keeps a list or an answer away is let in with a revoked certificate',
    default: 'refuse',
  },
  privateSourcesOption,
];
