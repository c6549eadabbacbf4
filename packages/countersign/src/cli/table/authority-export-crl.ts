/** `authority export-crl` as data. */
import { type Command, dirOption, passphraseOption } from './command.ts';

export const authorityExportCrl: Command = {
  name: 'authority export-crl',
  group: 'authority',
  summary: "the authority's revocation lists as files, for nginx and others",
  about:
    "Copies the newest lists of a state directory, whether or not its authority runs: issuer.crl and issuer-delta.crl (DER), and crl.pem with one list for each authority of the chain, as nginx (ssl_crl) and OpenSSL read it. Each file is replaced whole. Where the root's key is still in the directory, a list of the root is made with it; without one, peers that check the whole chain need the root's list from where its key is.",
  arguments: [],
  options: [
    dirOption,
    { name: 'out', kind: 'path', value: 'FOLDER', summary: 'where the files go', default: 'none', required: true },
    {
      name: 'root-life',
      kind: 'duration',
      value: 'DURATION',
      summary: "life of the root's list (s, m, h, d)",
      default: '30d',
    },
    passphraseOption,
  ],
  examples: [
    { line: 'countersign authority export-crl --out /etc/nginx/crl', shows: 'in a timer, before nginx -s reload' },
  ],
  result: ['out', 'lists', 'withoutRoot'],
};
