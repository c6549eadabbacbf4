/** PROXY headers: who calls, said ahead of each connection to an upstream whose routes have `proxy-v2`. */
import type { Http2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type CheckedCaller, type ProxyAddress, proxyHeader } from '../../forwarded-identity/index.ts';

export interface PrefaceQuestion {
  /** Of TLS. */
  readonly connection: Socket | TLSSocket | Http2Session;
  readonly caller: CheckedCaller | undefined;
  readonly partner: string | undefined;
}

/** Callers behind one connection of a proxy, whose headers are remembered. Own choice. */
const mostRemembered = 64;

/** The same object for the same caller on the same connection: connections to upstreams are used again by it. */
export class PrefaceMaker {
  readonly #known = new WeakMap<object, Map<string, Uint8Array>>();

  prefaceOf({ connection, caller, partner }: PrefaceQuestion): Uint8Array {
    const known = this.#known.get(connection) ?? new Map<string, Uint8Array>();
    this.#known.set(connection, known);
    const key = `${caller?.thumbprint ?? 'nobody'} ${partner ?? ''}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= mostRemembered) known.clear();
    const made = proxyHeader(caller, {
      ...factsOf(('socket' in connection ? connection.socket : connection) as TLSSocket),
      partner,
    });
    known.set(key, made);
    return made;
  }
}

/** Of HTTP/2 the socket is Node's stand-in, which answers these questions. */
function factsOf(socket: TLSSocket): Omit<Parameters<typeof proxyHeader>[1], 'partner'> {
  const { servername, alpnProtocol } = socket;
  return {
    source: place(socket.remoteAddress, socket.remotePort),
    destination: place(socket.localAddress, socket.localPort),
    serverName: typeof servername === 'string' && servername !== '' ? servername : undefined,
    alpn: typeof alpnProtocol === 'string' ? alpnProtocol : undefined,
    tlsVersion: socket.getProtocol() ?? undefined,
    cipher: socket.getCipher().name,
  };
}

function place(address: string | undefined, port: number | undefined): ProxyAddress | undefined {
  return address === undefined || port === undefined ? undefined : { address, port };
}
