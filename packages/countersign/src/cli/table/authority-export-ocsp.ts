/** `authority export-ocsp` as data. */
import { authorityOptions, type Command } from './command.ts';

export const authorityExportOcsp: Command = {
  name: 'authority export-ocsp',
  group: 'authority',
  summary: 'write the OCSP answers as files that a web server serves',
  about:
    'Asks the running responder (publishing in authority.yaml) for the answer of each unexpired certificate, checks it, and writes it to DIR under the path by which clients GET it, for SHA-1 and SHA-256. Each file is replaced whole; those of expired certificates are removed. Answers hold 12 hours by default, and a revocation reaches the files when this is run again: run it by a timer, every few minutes. docs/ocsp.md has the lines for nginx.',
  arguments: [{ name: 'DIR', summary: 'made where it is missing', required: true, many: false }],
  options: [
    ...authorityOptions,
    {
      name: 'url',
      kind: 'text',
      value: 'URL',
      summary: 'of the responder',
      default: 'http://127.0.0.1:7480/ocsp',
    },
    {
      name: 'issuer',
      kind: 'path',
      value: 'FILE',
      summary: "the issuer's certificate, PEM",
      default: 'authority/issuer.pem of the state directory',
    },
  ],
  examples: [
    {
      line: 'countersign authority export-ocsp /var/lib/countersign-ocsp',
      shows: 'by a timer on the machine of the authority',
    },
  ],
  result: ['dir', 'answers', 'revoked', 'removed'],
};
