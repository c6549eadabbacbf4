/** Spans as the body of `POST /v1/traces`: ExportTraceServiceRequest in the JSON mapping of Protobuf, as OTLP 1.5 amends it. */
import type { SpanAttributes, SpanKind } from './tracing.ts';

export interface FinishedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: SpanAttributes;
  /** The code of the refusal that it ended with. */
  readonly failure?: string | undefined;
}

/** SPAN_KIND_... and STATUS_CODE_... of opentelemetry/proto/trace/v1/trace.proto; enumerations are numbers here. */
const kinds: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2 };
const failed = 2;

export function otlpRequest(spans: readonly FinishedSpan[], resource: SpanAttributes): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: keyValues(resource) },
        scopeSpans: [{ scope: { name: 'countersign' }, spans: spans.map(spanOf) }],
      },
    ],
  });
}

function spanOf({
  traceId,
  spanId,
  parentSpanId,
  name,
  kind,
  startMs,
  endMs,
  attributes,
  failure,
}: FinishedSpan): unknown {
  return {
    // Identifiers are hexadecimal here, where Protobuf's own mapping would have base64.
    traceId,
    spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    name,
    kind: kinds[kind],
    startTimeUnixNano: nanoseconds(startMs),
    endTimeUnixNano: nanoseconds(endMs),
    attributes: keyValues(attributes),
    status: failure === undefined ? {} : { code: failed, message: failure },
  };
}

/** 64-bit integers are strings. Microseconds are as fine as a double of today's milliseconds is. */
function nanoseconds(ms: number): string {
  return `${String(Math.round(ms * 1000))}000`;
}

function keyValues(attributes: SpanAttributes): unknown[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: string | number | boolean): unknown {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
