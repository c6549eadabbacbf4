/** What is seen from outside: metrics as Prometheus and OpenMetrics take them, logs without secrets, traces for OpenTelemetry. */
export { logLine, type LogLineOptions } from './logs/log-line.ts';
export { isLogged, type Log, type LogLevel, logLevels, type LogRecord } from './logs/log-record.ts';
export { type RateLimit, rateLimit, type RateLimitOptions } from './logs/rate-limit.ts';
export { Redactor } from './logs/redact.ts';
export { type Exposition, exposition } from './metrics/exposition.ts';
export type {
  Counter,
  Gauge,
  Histogram,
  HistogramDescription,
  Labels,
  LabelValues,
  MetricDescription,
  MetricFamily,
  MetricType,
  Sample,
} from './metrics/metric.ts';
export { Metrics } from './metrics/metrics.ts';
export { processMetrics } from './metrics/process-metrics.ts';
export { readGauge } from './metrics/read-gauge.ts';
export { mostSeries, otherValue } from './metrics/series.ts';
export { hasTracingSdk, openTelemetryTracing } from './traces/open-telemetry.ts';
export { sendSpans } from './traces/send-spans.ts';
export { otlpTracing, type OtlpTracingOptions, type SendSpans } from './traces/otlp-tracing.ts';
export { parseTraceParent, type TraceParent } from './traces/traceparent.ts';
export {
  noTracing,
  type Span,
  type SpanAttributes,
  type SpanKind,
  type SpanOptions,
  type Tracing,
} from './traces/tracing.ts';
