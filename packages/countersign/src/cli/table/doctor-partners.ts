/** `doctor partners` as data. */
import type { Command } from './command.ts';

export const doctorPartners: Command = {
  name: 'doctor partners',
  group: 'look',
  summary: "find partners' certificates that will stop being good for clients",
  about:
    'Authorities of the public Web stopped certifying clients in 2026: who presents a certificate of theirs as a client is refused after its next renewal. Looks at files of certificates, as they were collected from partners, and says of each whether it is one of these, until when it lasts, and what it is called. Status 1 where one is concerned.',
  arguments: [{ name: 'FILE|DIR', summary: 'PEM or DER files, or folders of them', required: true, many: true }],
  options: [],
  examples: [{ line: 'countersign doctor partners ./partners', shows: 'each certificate of the folder' }],
  environment: 'any',
  result: ['certificates', 'endsAtRenewal', 'ended', 'unreadable'],
};
