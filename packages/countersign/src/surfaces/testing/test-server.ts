/** A server of node:tls alone, which takes every client: what it presents is what is tried. */
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Credential } from '../../runtime/tls/index.ts';
import { pemOf } from './test-client.ts';
import { trickle } from './trickle.ts';

export interface ServedPeer {
  readonly port: number;
  /** What clients sent after the handshake: one that refuses this server must have sent nothing. */
  received(): string;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

/** Between two bytes of a slow one. */
const everyMs = 1_000;

export async function serveAs(kind: string, credential: Credential | undefined): Promise<ServedPeer> {
  let received = '';
  const sockets = new Set<Socket>();
  const onSocket = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  };
  const server = serverOf(kind, credential, (socket) => {
    socket.on('data', (bytes: Buffer) => {
      received += bytes.toString('latin1');
      socket.end(answer);
    });
  });
  server.on('connection', onSocket);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const { port } = server.address() as AddressInfo;
  return { port, received: () => received, close, [Symbol.asyncDispose]: close };
}

function serverOf(kind: string, credential: Credential | undefined, onSecure: (socket: Socket) => void): Server {
  if (kind === 'silent') return createTcpServer((socket) => void socket.resume());
  if (kind === 'slow') {
    return createTcpServer({ noDelay: true }, (socket) => {
      socket.resume();
      trickle(socket, everyMs);
    });
  }
  // Without a certificate there is no handshake that OpenSSL would offer: that it ends is what is tried.
  const options = { ...pemOf(credential), requestCert: true, rejectUnauthorized: false };
  return createTlsServer(options, (socket) => {
    socket.on('error', () => undefined);
    onSecure(socket);
  });
}
