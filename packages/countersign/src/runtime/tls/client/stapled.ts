/** What servers stapled (RFC 6066, 8), by the connection: OCSP responses, DER. */
import type { TLSSocket } from 'node:tls';

const staples = new WeakMap<TLSSocket, Uint8Array>();

/** Of a connection that asks for one; Node tells of it before `secureConnect`, and of none with nothing. */
export function keepStaple(socket: TLSSocket): void {
  socket.once('OCSPResponse', (response: unknown) => {
    if (response instanceof Uint8Array && response.length > 0) staples.set(socket, new Uint8Array(response));
  });
}

/** `undefined` where there was none. */
export function stapleOf(socket: TLSSocket): Uint8Array | undefined {
  return staples.get(socket);
}
