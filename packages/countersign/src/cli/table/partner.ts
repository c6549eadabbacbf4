/** `partner ...` and `join` as data. */
import { authorityOptions, type Command } from './command.ts';

const partnerArgument = { name: 'NAME', summary: 'the partner', required: true, many: false } as const;

const enforcement = ['enforced', 'of', 'ms', 'unreachable', 'closed', 'serials', 'number'] as const;

export const partnerInvite: Command = {
  name: 'partner invite',
  group: 'authority',
  summary: 'register a partner, and make a link and a code for its certificate',
  about:
    "Prints a link, which is no secret, and a code, which is: send them on different ways. With both the partner gets one certificate for a key of its own, with countersign join or with openssl and curl; its name is the partner's, whatever the request asks for. A partner that is registered gets a further invitation, for another certificate during a rotation, where no routes, limits and contacts are given.",
  arguments: [{ ...partnerArgument, summary: 'up to 63 of a-z, 0-9 and "-"' }],
  options: [
    ...authorityOptions,
    {
      name: 'routes',
      kind: 'text',
      value: 'ROUTE',
      many: true,
      summary: 'what it may call: names of routes, with commas or an option each; * for whatever routes let it',
      default: 'none',
    },
    {
      name: 'limit',
      kind: 'text',
      value: 'N/s|N/d',
      many: true,
      summary: 'requests a second, and requests a day',
      default: 'none',
    },
    { name: 'burst', kind: 'text', value: 'N', summary: 'requests at once beyond the rate', default: 'none' },
    { name: 'connections', kind: 'text', value: 'N', summary: 'connections at a time', default: 'no limit' },
    {
      name: 'contact',
      kind: 'text',
      value: 'ADDRESS',
      many: true,
      summary: 'who is told when something is the matter; may be given more than once',
      default: 'nobody',
    },
    {
      name: 'life',
      kind: 'duration',
      value: 'DURATION',
      summary: 'how long the code can be used (s, m, h, d)',
      default: '24h',
    },
    {
      name: 'certificate-life',
      kind: 'duration',
      value: 'DURATION',
      summary: 'life of the certificate (s, m, h, d); at most 398d',
      default: '90d',
    },
    {
      name: 'code-out',
      kind: 'path',
      value: 'FILE',
      summary: 'write the code there (mode 0600; must not exist) instead of printing it',
      default: 'stdout',
    },
  ],
  examples: [
    {
      line: 'countersign partner invite acme --routes payments:read --limit 50/s',
      shows: 'a new partner',
    },
    { line: 'countersign partner invite acme', shows: 'another certificate for it, beside the one that it has' },
  ],
  result: ['partner', 'spiffeId', 'link', 'code', 'codeFile', 'expires', 'registered', 'rootPemSha256'],
};

export const partnerList: Command = {
  name: 'partner list',
  group: 'authority',
  summary: 'show the partners, their states and certificates',
  about: 'In the order of their names. With --json each partner is an event of its own.',
  arguments: [],
  options: [...authorityOptions],
  examples: [{ line: 'countersign partner list', shows: 'who is registered, and until when each has a certificate' }],
  result: ['count'],
};

export const partnerShow: Command = {
  name: 'partner show',
  group: 'authority',
  summary: 'show one partner with its certificates',
  about: 'What it may call and how much of it, whom to write to, and each certificate on record.',
  arguments: [partnerArgument],
  options: [...authorityOptions],
  examples: [{ line: 'countersign partner show acme', shows: 'all that is known of acme' }],
  result: ['partner', 'certificates'],
};

export const partnerSuspend: Command = {
  name: 'partner suspend',
  group: 'authority',
  summary: 'close the connections of a partner, and let it in nowhere',
  about:
    'Its certificates are held: every endpoint is told at once, closes its connections and lets nobody in with them, and no certificate is issued or renewed for it, with whatever invitation. The answer says where that is enforced. countersign partner resume ends it.',
  arguments: [partnerArgument],
  options: [
    ...authorityOptions,
    { name: 'reason', kind: 'text', value: 'TEXT', summary: 'for the record: a ticket', default: 'none' },
  ],
  examples: [{ line: 'countersign partner suspend acme --reason INC-4711', shows: 'where it is enforced' }],
  result: [...enforcement],
};

export const partnerResume: Command = {
  name: 'partner resume',
  group: 'authority',
  summary: 'end the suspension of a partner',
  about:
    'All its certificates that are held are let in again, also those that were held one by one; nothing needs to be restarted.',
  arguments: [partnerArgument],
  options: [...authorityOptions],
  examples: [{ line: 'countersign partner resume acme', shows: 'let in again at once' }],
  result: [...enforcement],
};

export const partnerRemove: Command = {
  name: 'partner remove',
  group: 'authority',
  summary: 'revoke a partner for good, and forget it',
  about:
    'Its identity is revoked: all its certificates, its connections and its open invitations. The registry forgets it with its contacts; the audit log remembers. Invited anew, it gets new certificates. Asks before it does it; off a terminal --yes is needed.',
  arguments: [partnerArgument],
  options: [...authorityOptions, { name: 'yes', kind: 'switch', summary: 'do not ask', default: 'ask on a terminal' }],
  examples: [{ line: 'countersign partner remove acme --yes', shows: 'revoked and forgotten' }],
  result: [...enforcement, 'identity'],
};

export const partnerEvidence: Command = {
  name: 'partner evidence',
  group: 'authority',
  summary: 'write what the audit log says of a partner, for auditors',
  about:
    'A file of JSON lines: every entry of that time, so that the chain of their hashes can be followed, but with the names and actors of those entries alone that are about this partner; of the others their hashes stay. Who has the file checks it with no authority at hand: countersign authority audit verify --evidence FILE.',
  arguments: [partnerArgument],
  options: [
    ...authorityOptions,
    {
      name: 'from',
      kind: 'text',
      value: 'NUMBER|TIME',
      summary: 'the first entry: its number, or a time',
      default: 'the first of all',
    },
    { name: 'to', kind: 'time', value: 'TIME', summary: 'until when (2026-01-31T12:00:00Z)', default: 'now' },
    {
      name: 'gateway',
      kind: 'path',
      value: 'FOLDER',
      many: true,
      summary: "a gateway's record of decisions (evidence.folder of its file); may be given more than once",
      default: 'none',
    },
    {
      name: 'out',
      kind: 'path',
      value: 'FILE',
      summary: 'the file (mode 0600; must not exist)',
      default: '',
      required: true,
    },
  ],
  examples: [
    {
      line: 'countersign partner evidence acme --out acme.jsonl',
      shows: 'all of it; authority audit verify --evidence checks it',
    },
    {
      line: 'countersign partner evidence acme --gateway evidence --out acme.jsonl',
      shows: 'with what a gateway decided',
    },
  ],
  result: ['file', 'entries', 'about', 'from', 'through', 'gateways'],
};

export const join: Command = {
  name: 'join',
  group: 'certificates',
  summary: "get a partner's certificate with the link and code of an invitation",
  about:
    'Makes a key, which never leaves the folder, and asks the authority of the link for a certificate: cert.pem (the chain without the root), key.pem (readable by you alone) and roots.pem. Nothing but the pin in the link is trusted. Interrupted, it can be repeated with the same folder. Renew it with countersign renew.',
  arguments: [{ name: 'LINK', summary: 'as it was received, in quotes', required: true, many: false }],
  options: [
    {
      name: 'out',
      kind: 'path',
      value: 'DIR',
      summary: 'the folder for the files; made if need be',
      default: '',
      required: true,
    },
    {
      name: 'code-file',
      kind: 'path',
      value: 'FILE',
      summary: 'the file that holds the code; - is stdin',
      default: 'COUNTERSIGN_CODE, else asked for on a terminal',
    },
    {
      name: 'key-type',
      kind: 'choice',
      value: 'TYPE',
      choices: ['P-256', 'P-384', 'Ed25519'],
      summary: 'the kind of key',
      default: 'P-256',
    },
  ],
  examples: [
    {
      line: 'countersign join LINK --code-file acme.code --out ./acme',
      shows: 'with the link and the code that the other house sent',
    },
  ],
  result: ['out', 'serial', 'names', 'notAfter', 'spiffeId'],
};

export const partnerCommands: readonly Command[] = [
  partnerInvite,
  partnerList,
  partnerShow,
  partnerSuspend,
  partnerResume,
  partnerRemove,
  partnerEvidence,
];
