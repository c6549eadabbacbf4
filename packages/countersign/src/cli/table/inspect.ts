/** `inspect` as data. */
import { type Command, serverOptions } from './command.ts';

export const inspect: Command = {
  name: 'inspect',
  group: 'look',
  summary: 'say what a file or a server holds: certificates, requests, keys, lists',
  about:
    'Reads certificates, certification requests, revocation lists, OCSP requests and responses, keys, PKCS#7 and PKCS#12, as PEM or DER; of a server, the chain that it presents and how it does TLS (nobody is trusted, nothing is sent). Of a private key it says the kind and the public half, never the contents. It does not judge: countersign verify does.',
  arguments: [{ name: 'FILE|HOST:PORT', summary: 'a file, - for stdin, or a TLS server', required: true, many: true }],
  options: [
    {
      name: 'octets',
      kind: 'switch',
      summary: 'also the octets of keys, signatures and timestamps',
      default: 'off; with --json always there',
    },
    {
      name: 'passphrase-file',
      kind: 'path',
      value: 'FILE',
      summary: 'its first line opens encrypted keys and PKCS#12; - is stdin',
      default: 'COUNTERSIGN_PASSPHRASE, else asked for on a terminal',
    },
    ...serverOptions,
  ],
  examples: [
    { line: 'countersign inspect web/cert.pem', shows: 'each certificate of the chain' },
    {
      line: 'countersign inspect example.com:443',
      shows: 'what a server presents, and whether it wants a certificate',
    },
    { line: 'openssl req -new -key k.pem -subj /CN=x | countersign inspect -', shows: 'a request' },
  ],
  environment: 'any',
  result: ['objects', 'failed'],
};
