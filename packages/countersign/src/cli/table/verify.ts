/** `verify` as data. */
import { type Command, serverOptions } from './command.ts';
import { privateSourcesOption } from './revocation-means.ts';

export const verify: Command = {
  name: 'verify',
  group: 'look',
  summary: 'check a certificate as a peer would, and show the path',
  about:
    'Path validation (RFC 5280) from the certificate to one of the roots, for one purpose, at one time: every certificate of the path, every check with its clause, and where none is valid, why each path failed. With --crl every certificate of the path must be good by these revocation lists (RFC 5280, 6.3): complete, delta, sharded and indirect ones; with --ocsp by these answers of OCSP responders; with both, whoever says revoked decides, and else the newest. By which means it was decided, how old that was and until when it holds is shown. Without either revocation is not looked at. Exit status 0: valid; 1: not valid, and the code says why.',
  arguments: [
    {
      name: 'FILE|HOST:PORT',
      summary: 'the certificate, others after it being intermediates; - for stdin; or a TLS server',
      required: true,
      many: false,
    },
  ],
  options: [
    {
      name: 'roots',
      kind: 'path',
      value: 'FILE',
      summary: 'the trust anchors, PEM or DER',
      default: '',
      required: true,
      many: true,
    },
    {
      name: 'purpose',
      kind: 'choice',
      value: 'PURPOSE',
      choices: ['client', 'server', 'any'],
      summary: 'the part that its holder plays',
      default: '',
      required: true,
    },
    {
      name: 'name',
      kind: 'text',
      value: 'NAME',
      summary: 'a DNS name, IP address, mailbox or SPIFFE ID that it must carry',
      default: 'any; of a server, HOST',
      many: true,
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
      summary: 'further certificates for the path, PEM or DER',
      default: 'none',
      many: true,
    },
    {
      name: 'crl',
      kind: 'text',
      value: 'FILE|URL',
      summary:
        'revocation lists, PEM or DER, that must call each certificate of the path good; by http:// they are fetched',
      default: 'none: revocation is not looked at',
      many: true,
    },
    {
      name: 'crl-max-age',
      kind: 'duration',
      value: 'DURATION',
      summary: 'the age above which a list is out of date, whatever it says of itself (s, m, h, d)',
      default: 'what the list says',
    },
    {
      name: 'ocsp',
      kind: 'text',
      value: 'FILE|URL',
      summary:
        'an answer of an OCSP responder, DER, that may call a certificate of the path good; by http:// the responder is asked about each',
      default: 'none',
      many: true,
    },
    privateSourcesOption,
    {
      name: 'revocation',
      kind: 'switch',
      summary: 'insist on an answer: refuse to judge without --crl or --ocsp',
      default: 'off: said to be not looked at',
    },
    {
      name: 'profile',
      kind: 'choice',
      value: 'PROFILE',
      choices: ['mutual-tls', 'rfc5280', 'rfc5280-section-6', 'webpki'],
      summary: 'the rules beside those of the path itself',
      default: 'mutual-tls',
    },
    {
      name: 'policy',
      kind: 'text',
      value: 'OID',
      summary: 'a certificate policy that is accepted',
      default: 'any',
      many: true,
    },
    {
      name: 'require-policy',
      kind: 'switch',
      summary: 'refuse a path that is valid for none of them',
      default: 'off: only where an authority of the path asks for it',
    },
    { name: 'steps', kind: 'switch', summary: 'show every check, also those that passed', default: 'off: counted' },
    {
      name: 'allow-sha1',
      kind: 'switch',
      summary: 'DANGEROUS: also signatures with SHA-1, which can be forged',
      default: 'off',
    },
    {
      name: 'allow-rsa-1024',
      kind: 'switch',
      summary: 'DANGEROUS: also RSA keys of 1024 to 2047 bits, which can be broken',
      default: 'off',
    },
    ...serverOptions,
  ],
  examples: [
    {
      line: 'countersign verify web/cert.pem --roots web/roots.pem --purpose server',
      shows: 'is it good for a server?',
    },
    {
      line: 'countersign verify cert.pem --roots r.pem --purpose client --name a --steps',
      shows: 'may it call as a? with every check',
    },
    {
      line: 'countersign verify cert.pem --roots r.pem --purpose client --crl lists.pem',
      shows: 'and is it revoked?',
    },
    {
      line: 'countersign verify example.com:443 --roots cas.pem --purpose server',
      shows: 'the chain that a server presents, and that it carries the name example.com',
    },
  ],
  environment: 'any',
  result: [
    'valid',
    'code',
    'path',
    'checks',
    'paths',
    'policies',
    'work',
    'revocation',
    'profile',
    'evidence',
    'remedy',
  ],
};
