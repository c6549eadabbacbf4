/** The local socket: a file of mode 0600 in the state directory, and the kernel's word on who calls. */
import { lstat, unlink } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';

import { isRefusal, problemContentType, Refusal, toProblemDocument } from '../../ground/errors/index.ts';
import { localSocketName } from '../../runtime/api/index.ts';
import { type SocketPath, socketPath } from '../../runtime/config/index.ts';
import type { ReadPeerCredentials } from './peer-credentials.ts';
import type { ServerLog } from './server-event.ts';

export interface LocalListener {
  close(): Promise<void>;
}

export interface LocalListenerOptions {
  /** The state directory; this process alone works in it. */
  readonly dir: string;
  readonly readPeer: ReadPeerCredentials;
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void;
  readonly log: ServerLog;
}

export async function listenLocally(options: LocalListenerOptions): Promise<LocalListener> {
  const { readPeer, handler, log } = options;
  const file = join(options.dir, localSocketName);
  await removeStale(file);
  const server = createServer(
    { maxHeaderSize: 16 * 1024, requestTimeout: 60_000, headersTimeout: 15_000, insecureHTTPParser: false },
    handler,
  );
  interpose(server, (socket) => {
    try {
      requireOwner(readPeer(socket).uid);
      return true;
    } catch (error) {
      const refusal = isRefusal(error) ? error : new Refusal('CS-ACCESS-003', { why: String(error) }, { cause: error });
      log({ event: 'refused', refusal, endpoint: 'local socket', address: 'local socket' });
      answerAndClose(socket, refusal);
      return false;
    }
  });
  const path = socketPath(file);
  try {
    await listen(server, path);
    // The directory may be one that others can enter, so the mode is looked at rather than believed.
    const { mode } = await lstat(file);
    if ((mode & 0o177) !== 0) throw new Refusal('CS-STATE-002', { file, rule: 'the socket has mode 0600' });
  } catch (error) {
    server.close();
    path.release();
    throw isRefusal(error)
      ? error
      : new Refusal('CS-AUTHORITY-007', { address: file, why: whyOf(error) }, { cause: error });
  }
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          path.release();
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** Whoever holds the database's lock is alone here, so a socket that is left belongs to nobody. Anything else is not ours to remove. */
async function removeStale(file: string): Promise<void> {
  try {
    if (!(await lstat(file)).isSocket()) throw new Refusal('CS-STATE-002', { file, rule: 'a socket, or nothing' });
    await unlink(file);
  } catch (error) {
    if (isRefusal(error)) throw error;
    if (whyOf(error) !== 'ENOENT')
      throw new Refusal('CS-AUTHORITY-007', { address: file, why: whyOf(error) }, { cause: error });
  }
}

/** bind(2) happens inside `listen`, before it returns: the file never exists with another mode, and the mask holds for nothing else. */
function listen(server: Server, { path }: SocketPath): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const before = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.off('error', reject);
        resolve();
      });
    } finally {
      process.umask(before);
    }
  });
}

/** Asks before Node's HTTP server hears of the connection. */
function interpose(server: Server, admits: (socket: Socket) => boolean): void {
  const listeners = server.listeners('connection');
  const [handOn] = listeners;
  if (handOn === undefined || listeners.length !== 1)
    throw new TypeError('node:http is not built as this room knows it');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    if (admits(socket)) Reflect.apply(handOn, server, [socket]);
  });
}

/** The user who runs the authority, and root, who could read its memory anyway. */
function requireOwner(uid: number): void {
  const owner = process.geteuid?.();
  if (owner === undefined || (uid !== owner && uid !== 0))
    throw new Refusal('CS-ACCESS-002', { uid, owner: owner ?? 'not known' });
}

function answerAndClose(socket: Socket, refusal: Refusal): void {
  const body = JSON.stringify(toProblemDocument(refusal));
  const head = [
    `HTTP/1.1 ${String(refusal.http)} ${STATUS_CODES[refusal.http] ?? 'Refused'}`,
    `Content-Type: ${problemContentType}`,
    `Content-Length: ${String(Buffer.byteLength(body))}`,
    'Connection: close',
  ];
  socket.on('error', () => socket.destroy());
  // What was sent already is read and thrown away: unread, it would turn the end into a reset and lose the answer.
  socket.resume();
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
