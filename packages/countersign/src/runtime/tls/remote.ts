/** The other end's address, also of a socket that is closed by now. */
import type { Socket } from 'node:net';

export interface Remote {
  readonly address: string;
  readonly port: number;
}

const remembered = new WeakMap<Socket, Remote>();

/** For a TCP socket while it is open: a closed one no longer knows. */
export function rememberRemote(socket: Socket): void {
  const remote = ask(socket);
  if (remote !== undefined) remembered.set(socket, remote);
}

export function remoteOf(socket: Socket): Remote {
  return remembered.get(underlying(socket) ?? socket) ?? ask(socket) ?? { address: 'not known', port: 0 };
}

function ask({ remoteAddress, remotePort }: Socket): Remote | undefined {
  return remoteAddress === undefined || remotePort === undefined
    ? undefined
    : { address: remoteAddress, port: remotePort };
}

/** node:tls keeps the TCP socket here; where it ever does not, the address is "not known" and nothing else changes. */
export function underlying(socket: Socket): Socket | undefined {
  return '_parent' in socket ? (socket._parent as Socket | undefined) : undefined;
}
