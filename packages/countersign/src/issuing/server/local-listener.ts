/** A local socket: a file whose mode says who may knock, and the kernel's word on who calls. */
import { chmod, chown, lstat, unlink } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';

import { isRefusal, problemContentType, Refusal, toProblemDocument } from '../../ground/errors/index.ts';
import { type SocketPath, socketPath } from '../../runtime/config/index.ts';
import type { ReadPeerCredentials } from './peer-credentials.ts';
import type { ServerLog } from './server-event.ts';

export interface LocalListener {
  close(): Promise<void>;
}

export interface LocalListenerOptions {
  readonly file: string;
  /** Who besides the owner may knock: mode 0660 with this group. Absent: nobody, 0600. */
  readonly group?: number | undefined;
  readonly readPeer: ReadPeerCredentials;
  /** Throws for a user who may ask nothing here. */
  readonly admit: (socket: Socket, uid: number) => void;
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void;
  readonly log: ServerLog;
}

/** Connections of one local socket at a time: administrators are few, and a local user must not take the descriptors of everybody. Own choice. */
const mostConnections = 64;

export async function listenLocally(options: LocalListenerOptions): Promise<LocalListener> {
  const { file, readPeer, admit, handler, log } = options;
  await removeStale(file, options.group !== undefined);
  const server = createServer(
    { maxHeaderSize: 16 * 1024, requestTimeout: 60_000, headersTimeout: 15_000, insecureHTTPParser: false },
    handler,
  );
  server.maxConnections = mostConnections;
  interpose(server, (socket) => {
    try {
      admit(socket, readPeer(socket).uid);
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
    await protect(options);
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

/** The directory may be one that others can enter, so the mode is looked at rather than believed. */
async function protect({ file, group }: LocalListenerOptions): Promise<void> {
  if (group !== undefined) {
    // The group before the mode: at no moment can another group knock.
    await chown(file, -1, group);
    await chmod(file, 0o660);
    return;
  }
  const { mode } = await lstat(file);
  if ((mode & 0o177) !== 0) throw new Refusal('CS-STATE-002', { file, rule: 'the socket has mode 0600' });
}

/**
 * In the state directory, whoever holds the database's lock is alone, so a socket that is left belongs to nobody. Elsewhere it may be another
 * authority's, which answers then. Anything that is no socket is not ours to remove.
 */
async function removeStale(file: string, shared: boolean): Promise<void> {
  try {
    if (shared) await requireOwnDirectory(dirname(file));
    if (!(await lstat(file)).isSocket()) throw new Refusal('CS-STATE-002', { file, rule: 'a socket, or nothing' });
    if (shared && (await answers(file)))
      throw new Refusal('CS-ADMIN-004', { path: file, why: 'another process listens there' });
    await unlink(file);
  } catch (error) {
    if (isRefusal(error)) throw error;
    if (whyOf(error) !== 'ENOENT')
      throw new Refusal('CS-AUTHORITY-007', { address: file, why: whyOf(error) }, { cause: error });
  }
}

/** Who can write in the directory can put a socket of his own in the place of ours, and hear what is asked. */
async function requireOwnDirectory(directory: string): Promise<void> {
  const facts = await lstat(directory).catch((error: unknown) => {
    throw new Refusal('CS-ADMIN-004', { path: directory, why: whyOf(error) }, { cause: error });
  });
  if (!facts.isDirectory()) throw new Refusal('CS-ADMIN-004', { path: directory, why: 'it is no directory' });
  if ((facts.mode & 0o022) !== 0)
    throw new Refusal('CS-ADMIN-004', { path: directory, why: 'others could write in it' });
}

function answers(file: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(file, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
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
