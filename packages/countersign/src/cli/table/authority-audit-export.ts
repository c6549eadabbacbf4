/** `authority audit export` as data. */
import { authorityOptions, sinceOption, type Command } from './command.ts';

export const authorityAuditExport: Command = {
  name: 'authority audit export',
  group: 'authority',
  summary: 'give the audit log to other programs',
  about:
    'As JSON lines on stdout, from which every hash can be computed again (docs/audit.md); as syslog messages (RFC 5424), on stdout or sent; or as OpenTelemetry log records, sent to a collector (OTLP over HTTP). The log tells of the export. What goes over udp or tcp is not encrypted, and udp says nothing of what is lost.',
  arguments: [],
  options: [
    ...authorityOptions,
    { ...sinceOption, default: 'the first entry' },
    {
      name: 'format',
      kind: 'choice',
      value: 'FORMAT',
      choices: ['json', 'syslog', 'otlp'],
      summary: 'json, syslog or otlp',
      default: 'json',
    },
    {
      name: 'to',
      kind: 'text',
      value: 'ADDRESS',
      summary: 'for syslog udp://HOST:PORT, tcp://HOST:PORT or unix:///PATH; for otlp https://HOST:PORT',
      default: 'stdout; needed for otlp',
    },
  ],
  examples: [
    { line: 'countersign authority audit export | gzip', shows: 'all of it, as JSON lines' },
    {
      line: 'countersign authority audit export --format syslog --to tcp://log:601',
      shows: 'to a syslog receiver',
    },
    {
      line: 'countersign authority audit export --format otlp --to http://127.0.0.1:4318',
      shows: 'to a collector on this machine',
    },
  ],
  result: ['count', 'through', 'to'],
};
