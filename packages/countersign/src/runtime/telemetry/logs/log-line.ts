/** A log record as one line: JSON for programs, or text for people. */
import { toRfc3339 } from '../../../ground/clock/index.ts';
import { printable } from '../../../ground/errors/index.ts';
import type { LogLevel, LogRecord } from './log-record.ts';
import type { Redactor } from './redact.ts';

export interface LogLineOptions {
  readonly format: 'json' | 'text';
  /** Whether each line begins with its severity in angle brackets, as the journal takes it from a service's output (sd-daemon(3)). */
  readonly priorities?: boolean;
  readonly redactor: Redactor;
}

/** RFC 5424, 6.2.1. */
const severities: Readonly<Record<LogLevel, number>> = { error: 3, warning: 4, notice: 5, info: 6, debug: 7 };

export function logLine(record: LogRecord, { format, priorities = false, redactor }: LogLineOptions): string {
  const before = priorities ? `<${String(severities[record.level])}>` : '';
  const line = format === 'json' ? jsonLine(record, redactor) : textLine(record, priorities);
  return before + redactor.redact(line);
}

/** Each text is filtered before it is quoted, and the line once more after it. */
function jsonLine({ atMs, level, event, code, message, fields }: LogRecord, redactor: Redactor): string {
  const time = toRfc3339(atMs);
  return JSON.stringify({ time, level, event, code, message, fields }, (_, value: unknown) =>
    typeof value === 'string' ? redactor.redact(printable(value)) : value,
  );
}

/** The journal writes the time itself. */
function textLine({ atMs, message }: LogRecord, journal: boolean): string {
  const line = message.split('\n').map(printable).join(' ');
  return journal ? line : `${toRfc3339(atMs)} ${line}`;
}
