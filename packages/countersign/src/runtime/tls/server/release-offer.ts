/**
 * The protocols that a server offers in a handshake: Node copies them for each connection, keeps the copy as long as the connection, and with its nine
 * octets the 64 KiB of the pool that they lie in, which some twenty connections share.
 */
import type { TLSSocket } from 'node:tls';

/** After the handshake, which alone needs them. Where Node keeps them elsewhere they stay. */
export function releaseOffer(socket: TLSSocket): void {
  const options: unknown = '_tlsOptions' in socket ? socket._tlsOptions : undefined;
  if (typeof options === 'object' && options !== null && 'ALPNProtocols' in options) options.ALPNProtocols = undefined;
}
