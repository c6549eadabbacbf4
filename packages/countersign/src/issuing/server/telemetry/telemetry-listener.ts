/**
 * A listener for who looks on: `GET /metrics`, `/healthz`, `/readyz`. In plain HTTP for this machine alone, or over mutual TLS for the peers that are named.
 * What it says of health is a word: the reasons are for `status`.
 */
import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';

import type { Clock } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { anyOf, spiffeId } from '../../../identity/authorization/index.ts';
import { createServer, type CredentialSource, type Listening, type Trust } from '../../../runtime/tls/index.ts';
import { exposition, type Metrics } from '../../../runtime/telemetry/index.ts';
import type { ServerLog } from '../server-event.ts';
import { hostAndPort, type TelemetrySettings } from '../settings/telemetry-settings.ts';
import type { Readiness } from './readiness.ts';

export interface TelemetryListener {
  /** `http://host:port`, or https. */
  readonly url: string;
  close(): Promise<void>;
}

export interface TelemetryListenerOptions {
  readonly settings: TelemetrySettings;
  /** A socket that was handed to us (systemd): it is listened on instead of the address. */
  readonly fd?: number | undefined;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  /** For mutual TLS. */
  readonly trust: Trust;
  readonly credentials: CredentialSource;
  readonly clock: Clock;
  readonly log: ServerLog;
}

/** A scrape is one request, and a scraper waits ten seconds by default (Prometheus, scrape_timeout). */
const requestTimeoutMs = 10_000;

/** Those who look on are few. Own choice. */
const mostConnections = 64;

export async function listenForTelemetry(options: TelemetryListenerOptions): Promise<TelemetryListener> {
  const { settings, fd, trust, credentials, clock, log } = options;
  const { host, port } = hostAndPort(settings.listen ?? '127.0.0.1:0');
  const handler = telemetryHandler(options, settings.peers === undefined);
  const where = fd === undefined ? { host, port } : { fd };
  const refuse = (error: unknown): never => {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new Refusal('CS-AUTHORITY-007', { address: `${host}:${String(port)}`, why }, { cause: error });
  };
  if (settings.peers !== undefined) {
    const [first, ...others] = settings.peers.map((id) => spiffeId(id));
    if (first === undefined) throw new TypeError('the schema asks for one peer');
    const server = createServer(
      anyOf(first, ...others),
      {
        ...{ trust, credentials, clock },
        onRefusal: (refusal, { address }) => log({ event: 'refused', refusal, endpoint: 'telemetry', address }),
        onClosed: (refusal, { address }) => log({ event: 'refused', refusal, endpoint: 'telemetry', address }),
      },
      handler,
    );
    const at = await server.listen(where).catch(refuse);
    return { url: urlOf('https', at), close: () => server.close({ graceMs: 1_000 }) };
  }
  const server = createPlainServer(
    { maxHeaderSize: 16 * 1024, requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs },
    handler,
  );
  server.maxConnections = mostConnections;
  const at = await new Promise<Listening>((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve({ host: address.address, port: address.port });
      else reject(new TypeError('not a TCP socket'));
    });
  }).catch(refuse);
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  // A socket from outside is looked at, too: who hands it to us may have forgotten what may be seen there.
  if (!isLoopback(at.host) && settings.plainHttpBeyondLoopback !== true) {
    await close();
    throw beyondLoopback(`${at.host}:${String(at.port)}`);
  }
  return { url: urlOf('http', at), close };
}

/** The refusal of a plain listener that others could reach. */
export function requireLoopback({ listen, peers, plainHttpBeyondLoopback }: TelemetrySettings): void {
  if (listen === undefined || peers !== undefined || plainHttpBeyondLoopback === true) return;
  if (!isLoopback(hostAndPort(listen).host)) throw beyondLoopback(listen);
}

function beyondLoopback(address: string): Refusal {
  return new Refusal('CS-TELEMETRY-001', { address });
}

function telemetryHandler(
  { metrics, readiness }: TelemetryListenerOptions,
  plain: boolean,
): (request: IncomingMessage, response: ServerResponse) => void {
  const answer = async (request: IncomingMessage): Promise<Said> => {
    const path = (request.url ?? '').split('?', 1)[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405, text: 'GET or HEAD\n' };
    // A page in a browser on this machine could come here under a name of its own (DNS rebinding).
    if (plain && !isOurHost(request.headers.host)) return { status: 421, text: 'ask for an address of this machine\n' };
    if (path === '/healthz') {
      const { alive } = await readiness.assess();
      return alive ? { status: 200, text: 'ok\n' } : { status: 503, text: 'not ok\n' };
    }
    if (path === '/readyz') {
      const { ready } = await readiness.assess();
      return ready ? { status: 200, text: 'ready\n' } : { status: 503, text: 'not ready\n' };
    }
    if (path !== '/metrics') return { status: 404, text: 'not found\n' };
    const { text, contentType } = exposition(await metrics.read(), request.headers.accept);
    return { status: 200, text, type: contentType };
  };
  return (request, response) => {
    request.resume();
    answer(request).then(
      (said) => say(response, said),
      () => say(response, { status: 500, text: 'failed\n' }),
    );
  };
}

interface Said {
  readonly status: number;
  readonly text: string;
  readonly type?: string;
}

function say(response: ServerResponse, { status, text, type = 'text/plain; charset=utf-8' }: Said): void {
  if (response.headersSent || response.destroyed) return;
  const headers = { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) };
  response.writeHead(status, { ...headers, 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
  response.end(text);
}

/** An address, or a name that only this machine is asked under. */
function isOurHost(host: string | undefined): boolean {
  const name = (host ?? '')
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  return isIP(name) !== 0 || name === 'localhost';
}

/** RFC 1122, 3.2.1.3 (g); RFC 4291, 2.5.3. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'));
}

function urlOf(scheme: 'http' | 'https', { host, port }: Listening): string {
  return `${scheme}://${isIP(host) === 6 ? `[${host}]` : host}:${String(port)}`;
}
