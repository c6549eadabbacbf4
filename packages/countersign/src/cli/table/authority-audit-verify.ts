/** `authority audit verify` as data. */
import { authorityOptions, type Command } from './command.ts';

export const authorityAuditVerify: Command = {
  name: 'authority audit verify',
  group: 'authority',
  summary: 'check that the audit log is as it was written',
  about:
    'Computes every hash anew and names each entry that was changed, replaced, inserted, moved or removed. A log that was made anew as a whole is sound in itself: only who remembers its head can tell, so give the files in which endpoints do (audit-head.json beside a credential); what the authority has not signed is not believed. Works with the authority running or not. Status 1 where anything is wrong.',
  arguments: [],
  options: [
    ...authorityOptions,
    {
      name: 'evidence',
      kind: 'path',
      value: 'FILE',
      summary: 'verify what countersign partner evidence wrote, in the place of a log; no authority is asked',
      default: 'none: the log',
    },
    {
      name: 'gateway-key',
      kind: 'text',
      value: 'SHA256',
      many: true,
      summary: 'with --evidence: the key that a gateway signs with, as its /status says; may be given more than once',
      default: 'whichever the file names',
    },
    {
      name: 'witness',
      kind: 'path',
      value: 'FILE',
      many: true,
      summary: 'what an endpoint remembers: its audit-head.json; may be given more than once',
      default: 'none',
    },
  ],
  examples: [
    { line: 'countersign authority audit verify', shows: 'the log of the default state directory' },
    {
      line: 'countersign authority audit verify --witness web/audit-head.json',
      shows: 'with what an endpoint remembers',
    },
    { line: 'countersign authority audit verify --evidence acme.jsonl', shows: 'a file for auditors, offline' },
  ],
  result: [
    'sound',
    'entries',
    'sequence',
    'hash',
    'erased',
    'leftOut',
    'findings',
    'witnesses',
    'unproven',
    'strangers',
    'gateways',
  ],
};
