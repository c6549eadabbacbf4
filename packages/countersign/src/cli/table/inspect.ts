/** `inspect` as data. */
import type { Command } from './command.ts';

export const inspect: Command = {
  name: 'inspect',
  group: 'look',
  summary: 'say what a file holds: certificates, requests, chains, keys',
  about:
    'Reads PEM or DER and shows names, validity, key, usages and issuer. Of a private key it says the type and never the contents. It does not judge: countersign verify does.',
  arguments: [{ name: 'FILE', summary: 'a file, or - for stdin', required: true, many: true }],
  options: [],
  examples: [
    { line: 'countersign inspect web/cert.pem', shows: 'each certificate of the chain' },
    { line: 'openssl req -new -key k.pem -subj /CN=x | countersign inspect -', shows: 'a request' },
  ],
  result: ['objects'],
};
