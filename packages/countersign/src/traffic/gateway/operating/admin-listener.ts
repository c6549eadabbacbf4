/** What the operator asks a running gateway: health, readiness, metrics; over its private socket also who called last, and how revocation reaches it. */
import { lstat, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { Refusal } from '../../../ground/errors/index.ts';
import { exposition } from '../../../runtime/telemetry/index.ts';
import type { AdminView } from './admin-view.ts';

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
export async function openAdmin(place: AdminPlace, view: AdminView): Promise<AdminListener> {
  const { socket, port } = place;
  if (socket === undefined && port === undefined) return { close: () => Promise.resolve() };
  const server = createServer((request, response) => {
    void answer(request, response, { view, isPrivate: socket !== undefined });
  });
  const where = socket ?? `127.0.0.1:${port}`;
  try {
    if (socket !== undefined) await removeSocket(socket);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      if (socket === undefined) server.listen({ host: '127.0.0.1', port }, resolve);
      else listenPrivately(server, socket, resolve);
    });
  } catch (error) {
    throw new Refusal('CS-GATEWAY-027', { where, reason: reasonOf(error) }, { cause: error });
  }
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** bind(2) happens inside `listen`, before it returns: the file never exists with another mode than 0600, and the mask holds for nothing else. */
function listenPrivately(server: Server, path: string, listening: () => void): void {
  const before = process.umask(0o177);
  try {
    server.listen({ path }, listening);
  } finally {
    process.umask(before);
  }
}

/** One that an earlier run has left. Whatever else is there is somebody's: then that is told, as of an address in use. */
async function removeSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSocket() !== true) return;
  if (await answers(path)) throw new Error('another process listens there');
  await rm(path, { force: true });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    // Whoever has no room for one more listens, too.
    socket.on('error', (error) => resolve('code' in error && error.code === 'EAGAIN'));
  });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? String(error.code) : error.message;
}

interface Answering {
  readonly view: AdminView;
  readonly isPrivate: boolean;
}

async function answer(
  { url, headers }: IncomingMessage,
  response: ServerResponse,
  { view, isPrivate }: Answering,
): Promise<void> {
  const say = (status: number, value: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(value)}\n`);
  };
  try {
    if (url === '/healthz') say(200, { healthy: true });
    else if (url === '/metrics') {
      const { contentType, text } = exposition(await view.metrics(), headers.accept);
      response.writeHead(200, { 'content-type': contentType }).end(text);
    } else {
      const seen = publicPaths.includes(url ?? '') || isPrivate ? await view.look(url ?? '') : undefined;
      if (seen !== undefined) say(seen.status, seen.value);
      else
        say(404, { paths: ['/healthz', '/readyz', '/metrics', '/identity-keys', ...(isPrivate ? privatePaths : [])] });
    }
  } catch (error) {
    say(500, { error: error instanceof Error ? error.message : String(error) });
  }
}

const publicPaths: readonly string[] = ['/readyz', '/identity-keys'];
const privatePaths: readonly string[] = ['/last-calls', '/status'];
