/** The log of `up`: for people, as JSON, or for the journal; without secrets, and not to be flooded by who is refused. */
import { type Clock, toRfc3339 } from '../../ground/clock/index.ts';
import type { ServerEvent } from '../../issuing/server/index.ts';
import {
  isLogged,
  logLine,
  type LogLevel,
  type LogRecord,
  rateLimit,
  type Redactor,
} from '../../runtime/telemetry/index.ts';
import type { Output } from '../output/output.ts';
import { eventRecord } from './event-record.ts';

export interface UpLog {
  event(event: ServerEvent): void;
  record(record: LogRecord): void;
  /** Tells what was left out until now. */
  flush(): void;
  /** Whether people read it, and so are greeted. */
  readonly forPeople: boolean;
}

export interface UpLogOptions {
  readonly output: Output;
  readonly clock: Clock;
  readonly redactor: Redactor;
  readonly format: 'json' | 'text';
  /** Whether each line begins with its severity, as the journal takes it. */
  readonly journal: boolean;
  /** Asked at each record: it is a setting that can be read again. */
  readonly level: () => LogLevel;
}

/** One refusal of a code from an address in this time, and so many of all in it. Own choice: a terminal is still readable. */
const refusalEveryMs = 1_000;
const refusalsAtOnce = 20;

export function createUpLog(options: UpLogOptions): UpLog {
  const { output, clock, redactor, format, journal } = options;
  const limit = rateLimit({
    clock,
    everyMs: refusalEveryMs,
    mostAtOnce: refusalsAtOnce,
    onLeftOut: (counts) => {
      for (const [code, count] of byCode(counts)) record(leftOut(code, count));
    },
  });

  const record = (one: LogRecord): void => {
    // Strangers cause most of it: where nobody reads, it must not fill the memory of the authority.
    if (output.behind) return;
    if (isLogged(one.level, options.level())) output.say(lineOf(one));
    if (output.json) output.event(one.event, { at: toRfc3339(one.atMs), ...codeOf(one), ...clean(one.fields) });
  };
  const lineOf = (one: LogRecord): string => {
    if (format === 'json' || journal) return logLine(one, { format, priorities: journal, redactor });
    const { paint } = output;
    const message = redactor.redact(one.message);
    const text = one.level === 'error' ? message.replace(/^(?:failed|audit)/, (word) => paint.bad(word)) : message;
    return ` ${paint.faint(toRfc3339(one.atMs))} ${text}`;
  };
  const clean = (fields: LogRecord['fields']): Record<string, unknown> =>
    JSON.parse(
      JSON.stringify(fields, (_, value: unknown) => (typeof value === 'string' ? redactor.redact(value) : value)),
    ) as Record<string, unknown>;
  const leftOut = (code: string, count: number): LogRecord => ({
    ...{ atMs: clock.now(), level: 'notice', event: 'refusals-left-out', code },
    message: `${code} and ${String(count)} more like it, left out`,
    fields: { count },
  });

  return {
    forPeople: format === 'text' && !journal,
    record,
    flush: () => limit.flush(),
    event: (event) => {
      if (event.event !== 'refused') {
        record(eventRecord(event, clock.now()));
        return;
      }
      const { code } = event.refusal;
      const left = limit.admit(`${code} ${withoutPort(event.address)}`);
      if (left === undefined) return;
      if (left > 0) record(leftOut(code, left));
      record(eventRecord(event, clock.now()));
    },
  };
}

function codeOf({ code }: LogRecord): { code?: string } {
  return code === undefined ? {} : { code };
}

/** Each connection of a flood comes from a port of its own. */
function withoutPort(address: string): string {
  return address.replace(/:\d+$/, '');
}

function byCode(counts: ReadonlyMap<string, number>): Map<string, number> {
  const codes = new Map<string, number>();
  for (const [kind, count] of counts) {
    const code = kind.split(' ')[0] ?? '';
    codes.set(code, (codes.get(code) ?? 0) + count);
  }
  return codes;
}
