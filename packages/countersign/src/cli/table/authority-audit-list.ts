/** `authority audit list` as data. */
import { authorityOptions, sinceOption, type Command } from './command.ts';

export const authorityAuditList: Command = {
  name: 'authority audit list',
  group: 'authority',
  summary: 'show what was done, when and by whom',
  about:
    'The entries of the audit log in their order: certificates, tokens, revocations, starts and ends. Works with the authority running or not. That it was read is not told of in the log.',
  arguments: [],
  options: [...authorityOptions, { ...sinceOption, default: 'the last 50 entries' }],
  examples: [
    { line: 'countersign authority audit list', shows: 'the last 50' },
    { line: 'countersign authority audit list --since 2026-11-24T00:00:00Z', shows: 'from a time on' },
  ],
  result: ['count'],
};
