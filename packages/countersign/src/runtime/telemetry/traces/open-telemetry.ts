/** Traces through @opentelemetry/api: whoever has registered an SDK in this process gets our spans in it; without one they cost next to nothing. */
import { AsyncLocalStorage } from 'node:async_hooks';

import type { Context, Span as ApiSpan } from '@opentelemetry/api';

import type { Span, Tracing } from './tracing.ts';
import { parseTraceParent } from './traceparent.ts';

/** Where the API keeps what an SDK has registered, shared by all of its copies. */
const registered: symbol = Symbol.for('opentelemetry.js.api.1');

/** Whether an SDK has registered itself, found out without loading the API. */
export function hasTracingSdk(): boolean {
  const known = (globalThis as Record<symbol, unknown>)[registered];
  return typeof known === 'object' && known !== null && 'trace' in known;
}

/** @param version of this package, as the tracer tells it */
export async function openTelemetryTracing(version: string): Promise<Tracing> {
  const { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } = await import('@opentelemetry/api');
  const tracer = trace.getTracer('countersign', version);
  const spans = new WeakMap<Span, ApiSpan>();
  // The SDK's own context manager may be missing; without ours a span in a promise would lose its parent.
  const storage = new AsyncLocalStorage<Span>();

  const contextOf = (parent: Span | undefined, traceparent: string | undefined): Context => {
    const above = parent === undefined ? undefined : spans.get(parent);
    if (above !== undefined) return trace.setSpan(ROOT_CONTEXT, above);
    const remote = parseTraceParent(traceparent);
    if (remote === undefined) return traceparent === undefined ? context.active() : ROOT_CONTEXT;
    const { traceId, spanId, sampled } = remote;
    const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
    return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
  };

  return {
    start: (name, { kind = 'internal', parent, traceparent, startMs, attributes } = {}) => {
      const options = {
        kind: kind === 'server' ? SpanKind.SERVER : SpanKind.INTERNAL,
        ...(startMs === undefined ? {} : { startTime: startMs }),
        ...(attributes === undefined ? {} : { attributes: { ...attributes } }),
      };
      const own = tracer.startSpan(name, options, contextOf(parent, traceparent));
      const span: Span = {
        recording: own.isRecording(),
        set: (more) => void own.setAttributes({ ...more }),
        fail: (code) => void own.setStatus({ code: SpanStatusCode.ERROR, message: code }),
        end: (atMs) => own.end(atMs),
      };
      spans.set(span, own);
      return span;
    },
    within: (span, work) => {
      const own = spans.get(span);
      if (own === undefined || !span.recording) return work();
      return storage.run(span, () => context.with(trace.setSpan(context.active(), own), work));
    },
    get current() {
      return storage.getStore();
    },
    close: async () => undefined,
  };
}
