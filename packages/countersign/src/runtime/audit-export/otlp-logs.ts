/** Entries as OpenTelemetry log records, in OTLP's JSON (opentelemetry-proto 1, logs/v1). */
import { type AuditEntry, toAuditLine } from '../audit/index.ts';

/** Of severity numbers, INFO. */
const severityNumber = 9;

type Value =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  /** 64-bit numbers are text in protobuf's JSON. */
  | { readonly intValue: string }
  | { readonly arrayValue: { readonly values: readonly Value[] } };

interface Attribute {
  readonly key: string;
  readonly value: Value;
}

/** The body of a POST to `/v1/logs`. */
export function otlpLogs(entries: readonly AuditEntry[], observedMs: number): unknown {
  return {
    resourceLogs: [
      {
        resource: { attributes: [attribute('service.name', 'countersign')] },
        scopeLogs: [
          { scope: { name: 'countersign.audit' }, logRecords: entries.map((entry) => record(entry, observedMs)) },
        ],
      },
    ],
  };
}

function record(entry: AuditEntry, observedMs: number): unknown {
  const { sequence, hash, atMs, action, facts, personal } = entry;
  const values = Object.entries(personal).flatMap(([name, { value }]) =>
    value === undefined ? [] : [attribute(`countersign.audit.${name}`, value)],
  );
  return {
    timeUnixNano: nanoseconds(atMs),
    observedTimeUnixNano: nanoseconds(observedMs),
    severityNumber,
    severityText: 'INFO',
    eventName: `countersign.audit.${action}`,
    body: { stringValue: JSON.stringify(toAuditLine(entry)) },
    attributes: [
      attribute('countersign.audit.sequence', sequence),
      attribute('countersign.audit.hash', hash),
      attribute('countersign.audit.action', action),
      ...Object.entries(facts).map(([name, fact]) => attribute(`countersign.audit.${name}`, fact)),
      ...values,
    ],
  };
}

function attribute(key: string, value: AuditEntry['facts'][string]): Attribute {
  return { key, value: valueOf(value) };
}

function valueOf(value: AuditEntry['facts'][string]): Value {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return { intValue: String(value) };
  return { arrayValue: { values: value.map((one) => ({ stringValue: one })) } };
}

function nanoseconds(ms: number): string {
  return `${String(ms)}000000`;
}
