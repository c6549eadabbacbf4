/** Who collects the traces of `up`: a collector that the settings name, an SDK that was loaded into the process, or nobody. */
import type { Clock } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import type { OtlpSettings } from '../../issuing/server/index.ts';
import { readPrivateFile } from '../../runtime/config/index.ts';
import {
  hasTracingSdk,
  noTracing,
  openTelemetryTracing,
  otlpTracing,
  type Tracing,
} from '../../runtime/telemetry/index.ts';
import { version } from '../version.ts';

export interface TracingQuestion {
  readonly otlp: OtlpSettings | undefined;
  readonly trustDomain?: string | undefined;
  readonly clock: Clock;
  readonly onLost: (spans: number) => void;
  readonly onFailure: (why: string) => void;
}

export async function openTracing({ otlp, clock, onLost, onFailure }: TracingQuestion): Promise<Tracing> {
  if (otlp === undefined) return hasTracingSdk() ? openTelemetryTracing(version()) : noTracing;
  const { sendSpans } = await import('../../runtime/telemetry/index.ts');
  const headers = otlp.headersFile === undefined ? {} : await readHeaders(otlp.headersFile);
  return otlpTracing({
    clock,
    send: await sendSpans(tracesUrl(otlp.endpoint), headers),
    resource: { 'service.name': 'countersign-authority', 'service.version': version() },
    sample: otlp.sample,
    onLost,
    onFailure,
  });
}

/** As OTEL_EXPORTER_OTLP_ENDPOINT is taken: a base, to which the path of traces is added (OTLP exporter specification). */
function tracesUrl(endpoint: string): string {
  const url = new URL(endpoint);
  return url.pathname === '/' ? new URL('/v1/traces', url).href : url.href;
}

/** RFC 9110, 5.1 and 5.5. */
const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?)[ \t]*$/;

async function readHeaders(path: string): Promise<Record<string, string>> {
  const lines = (await readPrivateFile(path)).split(/\r?\n/);
  const headers: Record<string, string> = {};
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const [, name, value] = field.exec(line) ?? [];
    // Never the line itself: it is there because it is a secret.
    if (name === undefined || value === undefined) throw new Refusal('CS-TELEMETRY-002', { path, line: at + 1 });
    headers[name] = value;
  }
  return headers;
}
