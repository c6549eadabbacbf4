/** `run` as data. */
import { dirOption, type Command } from './command.ts';
import { revocationMeansOptions, stapleOption } from './revocation-means.ts';

export const run: Command = {
  name: 'run',
  group: 'start here',
  summary: 'run a program with an identity; nothing else changes',
  about:
    'Gets a certificate and keeps it fresh in a private folder for as long as the program runs, then removes it. The program finds the files in COUNTERSIGN_CERT, COUNTERSIGN_KEY and COUNTERSIGN_ROOTS (their contents change as certificates rotate: read them anew) and its name in COUNTERSIGN_SPIFFE_ID. With --allow a front listens for it: mutual TLS outside, the plain port that the program is given as PORT inside; the program reads who calls in x-forwarded-client-cert. In Node programs fetch, https and undici present the certificate to services of the trust domain, and end calls to others with CS-RUN-007. Signals (all but SIGUSR1) and the exit status are passed on; 128 + n when signal n ended the program. With --json the program writes to stderr.',
  arguments: [],
  options: [
    {
      name: 'as',
      kind: 'text',
      value: 'NAME',
      summary: 'who it is: a DNS name or a SPIFFE ID; with a token, the token says',
      default: 'the names of the token',
    },
    dirOption,
    {
      name: 'token-file',
      kind: 'path',
      value: 'FILE',
      summary: 'a one-time token instead of an authority on this machine; - is stdin',
      default: 'COUNTERSIGN_TOKEN, else the local authority',
    },
    {
      name: 'allow',
      kind: 'text',
      value: 'NAME',
      many: true,
      summary: 'who may call the program, through a mutual TLS front before its plain port; may be repeated',
      default: 'nobody: no front',
    },
    {
      name: 'listen',
      kind: 'address',
      value: 'HOST:PORT',
      summary: 'where the front listens; beyond this machine only when that is said here',
      default: '127.0.0.1 and the PORT of the environment, else 127.0.0.1:4000',
    },
    {
      name: 'port',
      kind: 'text',
      value: 'PORT',
      summary: 'the plain port of the program, given to it as PORT',
      default: 'a free one; else the only one that the program listens on',
    },
    { name: 'tcp', kind: 'switch', summary: 'the program speaks another protocol than HTTP', default: 'off' },
    { name: 'h2c', kind: 'switch', summary: 'the program speaks plain HTTP/2, as those of gRPC do', default: 'off' },
    {
      name: 'to',
      kind: 'text',
      value: 'NAME',
      many: true,
      summary: 'whom Node programs may call, whatever the address; may be repeated',
      default: 'the name that is called; on this machine any service of the trust domain',
    },
    {
      name: 'public',
      kind: 'text',
      value: 'HOST',
      many: true,
      summary:
        'a server that Node programs call without the certificate: api.example.com, *.example.com; may be repeated',
      default: 'none',
    },
    {
      name: 'after-lease',
      kind: 'choice',
      value: 'WHAT',
      choices: ['refuse', 'continue'],
      summary:
        'when the authority was away for longer than the lease of the revocations (status shows it): refuse everybody, or continue with what was known last, so that a revocation may not reach it',
      default: 'refuse',
    },
    ...revocationMeansOptions,
    stapleOption,
    { name: 'no-preload', kind: 'switch', summary: 'leave the TLS calls of Node programs as they are', default: 'off' },
  ],
  program: { name: 'CMD...', summary: 'the program and its arguments' },
  examples: [
    {
      line: 'countersign run --as orders --allow web -- node orders.js',
      shows: 'https://localhost:4000 lets in web; orders.js listens on process.env.PORT',
    },
    { line: 'countersign run --as web -- node web.js', shows: 'web.js calls fetch("https://localhost:4000/")' },
    {
      line: "countersign run --as web -- sh -c 'openssl x509 -text -in $COUNTERSIGN_CERT'",
      shows: 'look at what it got',
    },
    {
      line: 'countersign run --as orders --allow web --crl corp.crl -- node orders.js',
      shows: 'whom a corporate authority certified must be good by its list',
    },
  ],
  result: ['status', 'signal'],
};
