/** What the operator asks a running gateway: health, readiness, metrics; over its private socket also who called last. */
import { chmod, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Refusal } from '../../../ground/errors/index.ts';
import { exposition, type Metrics } from '../../../runtime/telemetry/index.ts';
import type { Gateway } from '../gateway.ts';

export interface AdminPlace {
  /** Absolute. */
  readonly socket?: string | undefined;
  /** Of 127.0.0.1. */
  readonly port?: number | undefined;
}

export interface AdminListener {
  close(): Promise<void>;
}

/** @throws CS-GATEWAY-027 */
export async function openAdmin(place: AdminPlace, gateway: Gateway, metrics: Metrics): Promise<AdminListener> {
  const { socket, port } = place;
  if (socket === undefined && port === undefined) return { close: () => Promise.resolve() };
  const server = createServer((request, response) => {
    void answer(request, response, { gateway, metrics, isPrivate: socket !== undefined });
  });
  const where = socket ?? `127.0.0.1:${port}`;
  try {
    if (socket !== undefined) await rm(socket, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socket === undefined ? { host: '127.0.0.1', port } : { path: socket }, resolve);
    });
    if (socket !== undefined) await chmod(socket, 0o600);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new Refusal('CS-GATEWAY-027', { where, reason }, { cause: error });
  }
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Answering {
  readonly gateway: Gateway;
  readonly metrics: Metrics;
  readonly isPrivate: boolean;
}

async function answer(
  { url, headers }: IncomingMessage,
  response: ServerResponse,
  { gateway, metrics, isPrivate }: Answering,
): Promise<void> {
  const { ready, generation, connections, underWay } = gateway;
  const say = (status: number, value: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(value)}\n`);
  };
  if (url === '/healthz') say(200, { healthy: true });
  else if (url === '/readyz') say(ready ? 200 : 503, { ready, generation, connections, underWay });
  else if (url === '/metrics') {
    const { contentType, text } = exposition(await metrics.read(), headers.accept);
    response.writeHead(200, { 'content-type': contentType }).end(text);
  } else if (url === '/identity-keys') say(200, gateway.identityKeys());
  else if (url === '/last-calls' && isPrivate) say(200, gateway.counts.lastCalls());
  else
    say(404, { paths: ['/healthz', '/readyz', '/metrics', '/identity-keys', ...(isPrivate ? ['/last-calls'] : [])] });
}
