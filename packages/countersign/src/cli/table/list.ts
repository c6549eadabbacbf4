/** `list` as data. */
import { authorityOptions, type Command } from './command.ts';

export const list: Command = {
  name: 'list',
  group: 'certificates',
  summary: 'show the certificates that the authority issued',
  about:
    "Status, expiry, serial and names of each, in the order of issue. Left out for people, not for programs (--json): what has expired, and the authority's own.",
  arguments: [],
  options: [
    ...authorityOptions,
    {
      name: 'name',
      kind: 'text',
      value: 'NAME',
      summary: 'only those that carry this name, whole',
      default: 'all',
    },
    { name: 'serial', kind: 'text', value: 'SERIAL', summary: 'only this one, in hexadecimal', default: 'all' },
    {
      name: 'all',
      kind: 'switch',
      summary: "also what has expired, and the authority's own",
      default: 'off; with --json always on',
    },
  ],
  examples: [
    { line: 'countersign list', shows: 'all of them' },
    { line: 'countersign list --name web --all', shows: 'all that web ever had, as far as it is kept' },
    { line: 'countersign list --json | grep \'"valid"\'', shows: 'those that are valid now' },
  ],
  result: ['count'],
};
