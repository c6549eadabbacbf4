/** What a server says of its refusals where nobody listens: a line each on stderr, not to be flooded by who is refused. */
import type { Clock } from '../../../ground/clock/index.ts';
import { type Refusal, toLogLine } from '../../../ground/errors/index.ts';
import { logLine, type LogRecord, rateLimit, Redactor } from '../../telemetry/index.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';
import type { Remote } from '../remote.ts';
import type { ServerOptions } from './server-options.ts';

/** One refusal of a code from an address in this time, and so many of all in it. Own choice: a terminal is still readable. */
const refusalEveryMs = 1_000;
const refusalsAtOnce = 20;

export type TellRefusal = (refusal: Refusal, remote: Remote) => void;

export type TellClosed = (refusal: Refusal, remote: Remote, peer?: VerifiedPeer) => void;

export interface RefusalListeners {
  readonly onRefusal: TellRefusal;
  readonly onClosed: TellClosed;
}

const known = new WeakMap<ServerOptions, RefusalListeners>();

/** Those of the server's owner, or the log in their place; for the same options always the same, so that they share one limit. */
export function listenersOf(options: ServerOptions): RefusalListeners {
  const found = known.get(options);
  if (found !== undefined) return found;
  const log = refusalLog(options.clock);
  const { onRefusal = log('refused'), onClosed = log('closed') } = options;
  const listeners = { onRefusal, onClosed };
  known.set(options, listeners);
  return listeners;
}

/** @param what happened: `refused`, or `closed` for a connection that was live */
export function refusalLog(
  clock: Clock,
  write: (line: string) => void = toStderr,
): (what: 'refused' | 'closed') => TellRefusal {
  const redactor = new Redactor();
  const say = (record: Omit<LogRecord, 'atMs' | 'level'>): void =>
    write(logLine({ ...record, atMs: clock.now(), level: 'notice' }, { format: 'text', redactor }));
  const sayLeftOut = (kind: string, count: number): void => {
    const [event = '', code = ''] = kind.split(' ');
    say({ event, code, message: `${code} and ${count} more like it, left out`, fields: { count } });
  };
  const limit = rateLimit({
    clock,
    everyMs: refusalEveryMs,
    mostAtOnce: refusalsAtOnce,
    onLeftOut: (counts) => {
      for (const [kind, count] of byCode(counts)) sayLeftOut(kind, count);
    },
  });
  return (what) =>
    (refusal, { address, port }) => {
      const kind = `${what} ${refusal.code}`;
      const left = limit.admit(`${kind} ${address}`);
      if (left === undefined) return;
      if (left > 0) sayLeftOut(kind, left);
      const message = `${what} ${address}:${port}: ${toLogLine(refusal)}`;
      say({ event: what, code: refusal.code, message, fields: refusal.evidence });
    };
}

function byCode(counts: ReadonlyMap<string, number>): Map<string, number> {
  const codes = new Map<string, number>();
  for (const [kind, count] of counts) {
    const code = kind.split(' ', 2).join(' ');
    codes.set(code, (codes.get(code) ?? 0) + count);
  }
  return codes;
}

/** A reader of stderr that went away must not end the server: its error is heard, and nothing else is done about it. */
function toStderr(line: string): void {
  const ignore = (): void => undefined;
  process.stderr.once('error', ignore);
  process.stderr.write(`${line}\n`, () => process.stderr.off('error', ignore));
}
