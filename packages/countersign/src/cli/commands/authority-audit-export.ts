/** `authority audit export`: the log as JSON lines, syslog messages or OpenTelemetry log records. */
import { hostname } from 'node:os';
import { Refusal } from '../../ground/errors/index.ts';
import { type AuditEntry, toAuditLine } from '../../runtime/audit/index.ts';
import {
  openAuditTarget,
  parseTargetAddress,
  syslogMessage,
  type TargetAddress,
} from '../../runtime/audit-export/index.ts';
import { pagesOf, type AuditLog, withAuditLog } from '../audit/audit-log.ts';
import { sequenceSince } from '../audit/since.ts';
import type { Call } from '../call.ts';

type Format = 'json' | 'syslog' | 'otlp';

interface Sink {
  send(entries: readonly AuditEntry[]): Promise<void>;
  close(): Promise<void>;
}

export function run(call: Call): Promise<number> {
  const { output, options } = call;
  const format = (options.text('format') ?? 'json') as Format;
  const address = addressFor(format, options.text('to'));
  return withAuditLog(call, async (log) => {
    const from = await sequenceSince(log, options.text('since'));
    const through = await recorded(log, format, from);
    if (through === undefined) output.hint(' not told of in the log: no authority runs');
    const sink = openSink(call, format, address);
    let [count, last] = [0, from - 1];
    try {
      for await (const page of pagesOf(log, from)) {
        const entries = page.entries.filter(({ sequence }) => sequence <= (through ?? sequence));
        if (entries.length > 0) await sink.send(entries);
        count += entries.length;
        last = entries.at(-1)?.sequence ?? last;
        output.progress(`${count} entries`);
        if (output.closed) break;
      }
    } finally {
      await sink.close();
    }
    if (address !== undefined)
      output.say(` ${count} entries sent to ${address.text}; the next one: --since ${last + 1}`);
    output.result({ count, through: last, to: address?.text ?? null });
    return 0;
  });
}

/** The number up to which the export goes: the entry about it is not part of it. */
async function recorded({ running }: AuditLog, format: Format, from: number): Promise<number | undefined> {
  return running === undefined ? undefined : (await running.recordAuditExport({ format, from })).through;
}

const forms: Readonly<Record<Format, { kinds: readonly TargetAddress['kind'][]; expected: string }>> = {
  json: { kinds: [], expected: 'nothing: JSON lines go to stdout' },
  syslog: { kinds: ['udp', 'tcp', 'unix'], expected: 'udp://HOST:PORT, tcp://HOST:PORT or unix:///PATH' },
  otlp: { kinds: ['otlp'], expected: 'https://HOST:PORT of a collector, or http:// on a network that may read it' },
};

function addressFor(format: Format, to: string | undefined): TargetAddress | undefined {
  const { kinds, expected } = forms[format];
  if (to === undefined && format !== 'otlp') return undefined;
  const address = to === undefined ? undefined : parseTargetAddress(to);
  if (address === undefined || !kinds.includes(address.kind))
    throw new Refusal('CS-USAGE-003', { option: '--to', value: to ?? 'missing', expected });
  return address;
}

function openSink({ output, world }: Call, format: Format, address: TargetAddress | undefined): Sink {
  if (address !== undefined) return openAuditTarget(address, { clock: world.clock, hostname: hostname() });
  return {
    send: async (entries) => {
      for (const entry of entries) {
        if (output.json) output.event('entry', { ...toAuditLine(entry) });
        else
          output.say(
            format === 'syslog' ? syslogMessage(entry, { hostname: hostname() }) : JSON.stringify(toAuditLine(entry)),
          );
      }
    },
    close: async () => undefined,
  };
}
