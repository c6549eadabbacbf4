/** A running server of mutual TLS, as its owner holds it. */
import type { AddressInfo, Socket } from 'node:net';
import type { Server } from 'node:tls';
import type { Clock } from '../../../ground/clock/index.ts';
import { keepTickShape } from './tick-shape.ts';

// As early as there may be servers.
keepTickShape();

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

/** One that may be given connections, too. */
export interface TakingServer extends MutualTlsServer {
  /**
   * Takes a connection that another listener accepted, as if this server had: for who chooses between servers by the first octets. What was read of it
   * must have been put back (`unshift`).
   */
  take(socket: Socket): void;
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

export function mutualTlsServer({ server, sockets, clock, release, stopWaiting, retire }: ServerParts): TakingServer {
  let taking = false;
  return {
    take: (socket) => {
      // Node's servers of HTTP begin to look for slow headers when they hear that they listen.
      if (!taking && !server.listening) server.emit('listening');
      taking = true;
      server.emit('connection', socket);
    },
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
        const closed = (): void => {
          timer.cancel();
          resolve();
        };
        const { listening } = server;
        server.close(() => {
          if (listening) closed();
        });
        stopWaiting();
        server.closeIdleConnections?.();
        retire?.();
        // One that does not listen itself is closed for Node at once, whatever it was given.
        if (!listening) whenEmpty(sockets, closed);
      }),
  };
}

function whenEmpty(sockets: ReadonlySet<Socket>, listener: () => void): void {
  let left = sockets.size;
  if (left === 0) listener();
  for (const socket of sockets)
    socket.once('close', () => {
      left -= 1;
      if (left === 0) listener();
    });
}
