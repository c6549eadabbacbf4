/** A running server of mutual TLS, as its owner holds it. */
import type { AddressInfo, Socket } from 'node:net';
import type { Server } from 'node:tls';
import type { Clock } from '../../../ground/clock/index.ts';

export interface Listening {
  readonly host: string;
  readonly port: number;
}

/** An address, or the descriptor of a socket that listens already: of one that systemd hands over. */
export type Where = { readonly host: string; readonly port: number } | { readonly fd: number };

export interface MutualTlsServer {
  /** Rejects with Node's own error, such as EADDRINUSE. */
  listen(where: Where): Promise<Listening>;
  /** Stops taking connections, lets requests finish for `graceMs` (default 5,000), then closes what is left. */
  close(options?: { graceMs?: number }): Promise<void>;
  /** Open TCP connections, those in a handshake included. */
  readonly connections: number;
}

const defaultGraceMs = 5_000;

export interface ServerParts {
  /** Servers of HTTP end their idle connections themselves. */
  readonly server: Server & { closeIdleConnections?(): void };
  readonly sockets: ReadonlySet<Socket>;
  readonly clock: Clock;
  /** Ends the watching of sources. */
  readonly release: () => void;
  /** Ends those that are not decided yet. */
  readonly stopWaiting: () => void;
  /** Gives up its connections in good order. */
  readonly retire?: () => void;
}

export function mutualTlsServer({
  server,
  sockets,
  clock,
  release,
  stopWaiting,
  retire,
}: ServerParts): MutualTlsServer {
  return {
    get connections() {
      return sockets.size;
    },
    listen: (where) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ ...where }, () => {
          server.off('error', reject);
          // A TCP server's address is never a string.
          const { address, port: actual } = server.address() as AddressInfo;
          resolve({ host: address, port: actual });
        });
      }),
    close: ({ graceMs = defaultGraceMs } = {}) =>
      new Promise((resolve) => {
        release();
        const timer = clock.after(graceMs, () => {
          for (const socket of sockets) socket.destroy();
        });
        server.close(() => {
          timer.cancel();
          resolve();
        });
        stopWaiting();
        server.closeIdleConnections?.();
        retire?.();
      }),
  };
}
