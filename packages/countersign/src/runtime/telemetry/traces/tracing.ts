/** Traces as the rooms see them: a span is begun, says what it was about, and ends. Nothing here knows who collects them. */

export type SpanKind = 'server' | 'internal';

/** Few words: a route, a code, a profile. Never a name, a serial number, a token. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface Span {
  /** Whether anybody collects it: what is costly to say need not be made otherwise. */
  readonly recording: boolean;
  set(attributes: SpanAttributes): void;
  /** @param code of the refusal */
  fail(code: string): void;
  /** @param atMs milliseconds since 1970; default now */
  end(atMs?: number): void;
}

export interface SpanOptions {
  readonly kind?: SpanKind;
  readonly parent?: Span | undefined;
  /** The caller's, as W3C Trace Context writes it; used where there is no `parent`. */
  readonly traceparent?: string | undefined;
  /** Milliseconds since 1970; default now. */
  readonly startMs?: number;
  readonly attributes?: SpanAttributes;
}

export interface Tracing {
  start(name: string, options?: SpanOptions): Span;
  /** Runs `work` with `span` as the current one, also across what it waits for. */
  within<T>(span: Span, work: () => T): T;
  readonly current: Span | undefined;
  /** Sends what is waiting, and ends. */
  close(): Promise<void>;
}

const noSpan: Span = { recording: false, set: () => undefined, fail: () => undefined, end: () => undefined };

/** Where nobody collects. */
export const noTracing: Tracing = {
  start: () => noSpan,
  within: (_, work) => work(),
  current: undefined,
  close: async () => undefined,
};
