/** The section `telemetry` of an authority's settings: who may look on, what is logged, where traces go. */
import { z } from 'zod';

import { logLevels, type LogLevel } from '../../../runtime/telemetry/index.ts';

export interface TelemetrySettings {
  /** HOST:PORT, where /metrics, /healthz and /readyz are answered; absent: nowhere but on the local socket. */
  readonly listen?: string | undefined;
  /** SPIFFE IDs that may ask, over mutual TLS; absent: plain HTTP, for this machine alone. */
  readonly peers?: readonly string[] | undefined;
  /** Lets a plain listener have an address that others reach: they see what the metrics say, and can change what the scraper gets. */
  readonly plainHttpBeyondLoopback?: boolean | undefined;
  readonly log?: LogSettings | undefined;
  readonly otlp?: OtlpSettings | undefined;
}

export interface LogSettings {
  /** The least that is logged; default info. */
  readonly level?: LogLevel | undefined;
  /** Default text; json where systemd runs it. */
  readonly format?: 'json' | 'text' | undefined;
}

export interface OtlpSettings {
  /** Of the collector, such as http://127.0.0.1:4318: /v1/traces is added where there is no path. */
  readonly endpoint: string;
  /** A file of mode 0600 with a header a line, `Name: value`: for collectors that want a key. */
  readonly headersFile?: string | undefined;
  /** The part of all traces that is kept, from 0 to 1; default 1. */
  readonly sample?: number | undefined;
}

/** Stays the text that it was: the settings that are accepted are read through the same schema again at the next start. */
export const address: z.ZodType<string, string> = z
  .string()
  .regex(/^(?:\[[0-9A-Fa-f:.]+\]|[^\s:]+):\d{1,5}$/, 'an address and a port: 127.0.0.1:9464')
  .refine((text) => hostAndPort(text).port <= 65_535, 'a port is at most 65535');

/** Of a text that the schema let through. */
export function hostAndPort(text: string): { readonly host: string; readonly port: number } {
  const at = text.lastIndexOf(':');
  return { host: text.slice(0, at).replace(/^\[(.*)\]$/, '$1'), port: Number(text.slice(at + 1)) };
}

/** What is sent says what the authority does: in the clear it stays on this machine. */
const collector: z.ZodType<string, string> = z
  .string()
  .refine((text) => isCollector(text), 'https://HOST, or http:// to this machine (127.0.0.1, [::1], localhost)');

function isCollector(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && /^(?:127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(hostname));
}

export const telemetrySettings: z.ZodType<TelemetrySettings> = z.strictObject({
  listen: address.optional(),
  peers: z
    .array(z.string().regex(/^spiffe:\/\/[^/]+\/.+$/, 'a SPIFFE ID: spiffe://TRUST-DOMAIN/PATH'))
    .min(1)
    .optional(),
  plainHttpBeyondLoopback: z.boolean().optional(),
  log: z.strictObject({ level: z.enum(logLevels).optional(), format: z.enum(['json', 'text']).optional() }).optional(),
  otlp: z
    .strictObject({
      endpoint: collector,
      headersFile: z.string().min(1).optional(),
      sample: z.number().min(0).max(1).optional(),
    })
    .optional(),
});
