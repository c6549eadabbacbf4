/** `verify` as data. */
import type { Command } from './command.ts';

export const verify: Command = {
  name: 'verify',
  group: 'look',
  summary: 'check a certificate as a peer would, and show the path',
  about:
    'Path validation (RFC 5280) from the certificate to one of the roots, for one purpose, at one time, step by step. Revocation is not looked at here. Exit status 0: valid; 1: not valid, and the code says why.',
  arguments: [
    {
      name: 'FILE',
      summary: 'the certificate; others after it in the file are intermediates',
      required: true,
      many: false,
    },
  ],
  options: [
    { name: 'roots', kind: 'path', value: 'FILE', summary: 'the trust anchors, PEM', default: '', required: true },
    {
      name: 'purpose',
      kind: 'choice',
      value: 'PURPOSE',
      choices: ['client', 'server'],
      summary: 'the part that its holder plays',
      default: '',
      required: true,
    },
    {
      name: 'name',
      kind: 'text',
      value: 'NAME',
      summary: 'a DNS name, IP address or SPIFFE ID that it must carry',
      default: 'any',
    },
    {
      name: 'at',
      kind: 'time',
      value: 'RFC3339',
      summary: 'the moment to judge at, as in 2026-01-31T12:00:00Z',
      default: 'now',
    },
    {
      name: 'intermediates',
      kind: 'path',
      value: 'FILE',
      summary: 'further certificates for the path, PEM',
      default: 'none',
    },
  ],
  examples: [
    {
      line: 'countersign verify web/cert.pem --roots web/roots.pem --purpose server',
      shows: 'is it good for a server?',
    },
    {
      line: 'countersign verify cert.pem --roots roots.pem --purpose client --name web',
      shows: 'may it call as web?',
    },
  ],
  result: ['valid', 'code', 'path', 'evidence', 'remedy'],
};
