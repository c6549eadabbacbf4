/** Sends spans to a collector by HTTP; the client is loaded where one is configured. */
import type { SendSpans } from './otlp-tracing.ts';

/** OpenTelemetry's default for exporters (OTLP exporter specification, OTEL_EXPORTER_OTLP_TIMEOUT). */
const longestMs = 10_000;

/** @param endpoint the whole address, such as http://127.0.0.1:4318/v1/traces */
export async function sendSpans(endpoint: string, headers: Readonly<Record<string, string>>): Promise<SendSpans> {
  const { request } = await import('undici');
  return async (body) => {
    const { statusCode, body: answer } = await request(endpoint, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body,
      headersTimeout: longestMs,
      bodyTimeout: longestMs,
    });
    await answer.dump({ limit: 65_536 });
    if (statusCode < 200 || statusCode > 299) throw new Error(`the collector answered ${String(statusCode)}`);
  };
}
