/** Traces without an SDK: kept in bounds, and sent in batches by OTLP over HTTP as JSON (OTLP 1.5, "OTLP/HTTP"). */
import { AsyncLocalStorage } from 'node:async_hooks';

import type { Clock, Timer } from '../../../ground/clock/index.ts';
import { toHex } from '../../../ground/encoding/index.ts';
import { randomBytes } from '../../cryptography/index.ts';
import { type FinishedSpan, otlpRequest } from './otlp-request.ts';
import { parseTraceParent } from './traceparent.ts';
import type { Span, SpanAttributes, SpanOptions, Tracing } from './tracing.ts';

/** Sends one batch; rejects where the collector did not take it. */
export type SendSpans = (body: string) => Promise<void>;

export interface OtlpTracingOptions {
  readonly clock: Clock;
  readonly send: SendSpans;
  /** What describes this process: `service.name`, `service.version`. */
  readonly resource: SpanAttributes;
  /** The part of all traces that is kept, from 0 to 1; decided by the trace's id, so that all who share it decide alike. Default 1. */
  readonly sample?: number | undefined;
  readonly onLost?: (spans: number) => void;
  /** Told once when sending begins to fail, and not again until it has worked. */
  readonly onFailure?: (why: string) => void;
}

/** The defaults of OpenTelemetry's batch processor (SDK specification, "Batching processor"). */
const mostWaiting = 2048;
const mostInBatch = 512;
const everyMs = 5_000;

export function otlpTracing(options: OtlpTracingOptions): Tracing {
  const { clock, sample = 1 } = options;
  const storage = new AsyncLocalStorage<Span>();
  const queue = new SpanQueue(options);
  const places = new WeakMap<Span, { readonly traceId: string; readonly spanId: string; readonly sampled: boolean }>();
  // Wall clock at the start, monotonic time from then on: a step of the clock makes no span of negative length.
  const offsetMs = clock.now() - clock.monotonic();
  const now = (): number => offsetMs + clock.monotonic();

  const start = (name: string, { kind = 'internal', parent, traceparent, startMs, attributes }: SpanOptions): Span => {
    const above = parent === undefined ? parseTraceParent(traceparent) : places.get(parent);
    const traceId = above?.traceId ?? toHex(randomBytes(16));
    const spanId = toHex(randomBytes(8));
    // A stranger's "sampled" makes nothing more costly; his "not sampled" is taken.
    const sampled = (above?.sampled ?? true) && isSampled(traceId, sample);
    const said: Record<string, string | number | boolean> = { ...attributes };
    const began = startMs ?? now();
    let failure: string | undefined;
    let ended = false;
    const span: Span = {
      recording: sampled,
      set: (more) => void Object.assign(said, more),
      fail: (code) => (failure = code),
      end: (atMs) => {
        if (ended || !sampled) return;
        ended = true;
        queue.add({
          ...{ traceId, spanId, parentSpanId: above?.spanId, name, kind },
          ...{ startMs: began, endMs: Math.max(began, atMs ?? now()), attributes: said, failure },
        });
      },
    };
    places.set(span, { traceId, spanId, sampled });
    return span;
  };

  return {
    start: (name, spanOptions = {}) => start(name, spanOptions),
    within: (span, work) => storage.run(span, work),
    get current() {
      return storage.getStore();
    },
    close: () => queue.close(),
  };
}

/** By 52 of the last 56 bits, which are those that are random (Trace Context level 2, 3.2.2.3). */
function isSampled(traceId: string, part: number): boolean {
  return part >= 1 || parseInt(traceId.slice(-13), 16) / 16 ** 13 < part;
}

class SpanQueue {
  readonly #options: OtlpTracingOptions;
  #waiting: FinishedSpan[] = [];
  #timer: Timer | undefined;
  #sending: Promise<void> | undefined;
  #failing = false;

  constructor(options: OtlpTracingOptions) {
    this.#options = options;
  }

  add(span: FinishedSpan): void {
    if (this.#waiting.length >= mostWaiting) {
      this.#options.onLost?.(1);
      return;
    }
    this.#waiting.push(span);
    if (this.#waiting.length >= mostInBatch) void this.#flush();
    else this.#timer ??= this.#options.clock.after(everyMs, () => void this.#flush(), { unref: true });
  }

  async close(): Promise<void> {
    await this.#flush();
    await this.#flush();
  }

  #flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#sending ??= this.#sendAll().finally(() => (this.#sending = undefined));
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    const { send, resource, onLost, onFailure } = this.#options;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, mostInBatch);
      try {
        await send(otlpRequest(batch, resource));
        this.#failing = false;
      } catch (error) {
        // Not kept for another try: traces are worth less than the memory of an authority whose collector is away.
        onLost?.(batch.length);
        if (!this.#failing) onFailure?.(error instanceof Error ? error.message : String(error));
        this.#failing = true;
      }
    }
  }
}
