/** The other end's address, also of a socket that is closed by now. */
import type { Socket } from 'node:net';

export interface Remote {
  readonly address: string;
  readonly port: number;
}

export function remoteOf(socket: Socket): Remote {
  const told = socket.remoteAddress === undefined ? underlying(socket) : socket;
  return { address: told?.remoteAddress ?? 'not known', port: told?.remotePort ?? 0 };
}

/** node:tls keeps the TCP socket here; where it ever does not, the address is "not known" and nothing else changes. */
function underlying(socket: Socket): Socket | undefined {
  return '_parent' in socket ? (socket._parent as Socket | undefined) : undefined;
}
