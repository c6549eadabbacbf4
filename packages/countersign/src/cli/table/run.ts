/** `run` as data. */
import { dirOption, type Command } from './command.ts';

export const run: Command = {
  name: 'run',
  group: 'start here',
  summary: 'run a program with an identity; nothing else changes',
  about:
    'Gets a certificate and keeps it fresh in a private folder for as long as the program runs, then removes it. The program finds the files in COUNTERSIGN_CERT, COUNTERSIGN_KEY and COUNTERSIGN_ROOTS (their contents change as certificates rotate: read them anew) and its name in COUNTERSIGN_SPIFFE_ID. Signals (all but SIGUSR1) and the exit status are passed on; 128 + n when signal n ended the program. With --json the program writes to stderr.',
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
      summary: 'who may call the program',
      default: 'nobody',
      later: {
        meaning: 'a mutual TLS front before the plain HTTP port of the program',
        instead: 'serve TLS in the program with COUNTERSIGN_CERT, _KEY and _ROOTS',
      },
    },
  ],
  program: { name: 'CMD...', summary: 'the program and its arguments' },
  examples: [
    { line: 'countersign run --as web -- node web.js', shows: 'web.js reads process.env.COUNTERSIGN_CERT and so on' },
    {
      line: "countersign run --as web -- sh -c 'openssl x509 -text -in $COUNTERSIGN_CERT'",
      shows: 'look at what it got',
    },
  ],
  result: ['status', 'signal'],
};
