/** `renew` as data. */
import type { Command } from './command.ts';

export const renew: Command = {
  name: 'renew',
  group: 'certificates',
  summary: 'renew a certificate in place, with the certificate itself',
  about:
    'Same names, same key, a new certificate: cert.pem is replaced in one step, so a reader sees the old or the new one, never half. Works for some days after expiry too (7 in the service profile), never after a revocation. What runs for long renews by itself: countersign run.',
  arguments: [],
  options: [
    {
      name: 'dir-credential',
      kind: 'path',
      value: 'DIR',
      summary: 'the folder that countersign issue wrote',
      default: '',
      required: true,
    },
  ],
  examples: [{ line: 'countersign renew --dir-credential ./web', shows: 'from cron, at half of its life' }],
  result: ['out', 'serial', 'names', 'notAfter', 'spiffeId', 'wasExpired'],
};
