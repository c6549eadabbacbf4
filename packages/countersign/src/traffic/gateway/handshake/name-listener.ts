/**
 * One port for many handshake policies: the first octets of a connection say for which host it is, and the server of that host gets it, as if it had
 * accepted it itself. Not `new TLSSocket` with options by connection, which asks nobody for anything.
 */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { type Listening, type Remote, type TakingServer, whatCame } from '../../../runtime/tls/index.ts';
import { mostOpeningOctets, readClientHello } from './client-hello.ts';

export interface NameListenerOptions {
  readonly clock: Clock;
  /** @param serverName canonical; `undefined` where the client names none */
  readonly serverFor: (serverName: string | undefined) => TakingServer | undefined;
  readonly onRefusal: (refusal: Refusal, remote: Remote) => void;
  /** Connections in all; beyond it they are closed by Node. */
  readonly mostConnections: number;
}

/** Until the whole ClientHello is there. A second round trip is never needed for it; own choice, as short as the shortest of others. */
const helloMs = 5_000;

/** Connections whose ClientHello is not there yet: the oldest of them makes room. At most 20 KiB each; own choice. */
const mostWaiting = 1_000;

/** A fatal alert (RFC 8446, 6): unrecognized_name, for whoever names a host that is not here. */
const unrecognizedName = Buffer.from([21, 3, 3, 0, 2, 2, 112]);

export class NameListener {
  readonly #options: NameListenerOptions;
  readonly #server: Server;
  readonly #waiting = new Map<Socket, (reason: string) => void>();
  #connections = new Set<Socket>();

  constructor(options: NameListenerOptions) {
    this.#options = options;
    // Not allowed to be half open: who only listens has said no ClientHello.
    this.#server = createServer({ noDelay: true }, (socket) => this.#await(socket));
    this.#server.maxConnections = options.mostConnections;
  }

  /** Open, those that wait for their first octets included. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Rejects with Node's own error, such as EADDRINUSE. */
  listen(where: { readonly host: string; readonly port: number; readonly reusePort?: boolean }): Promise<Listening> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ ...where }, () => {
        this.#server.off('error', reject);
        const { address, port } = this.#server.address() as AddressInfo;
        resolve({ host: address, port });
      });
    });
  }

  /** Takes no connection any more, and lets those go that have not said for which host they are. */
  close(): void {
    this.#server.close();
    for (const [socket] of this.#waiting) socket.destroy();
  }

  #await(socket: Socket): void {
    this.#count(socket);
    const remote = { address: socket.remoteAddress ?? 'not known', port: socket.remotePort ?? 0 };
    let came: Uint8Array = new Uint8Array();
    const pieces: Uint8Array[] = [];
    let [length, needed] = [0, 1];
    const forget = (): void => {
      this.#waiting.delete(socket);
      timer.cancel();
      socket.off('readable', onReadable).off('end', onEnd).off('error', onEnd).off('close', forget);
    };
    const refuse = (reason: string, serverName = 'not read'): void => {
      forget();
      // What is said or felt on a socket that is going is nobody's affair; without a listener it would end the process.
      socket.on('error', () => undefined);
      if (serverName === 'not read') socket.destroy();
      else socket.end(unrecognizedName, () => socket.destroy());
      this.#options.onRefusal(openingRefusal(came, { address: remote.address, serverName, reason }), remote);
    };
    const onReadable = (): void => {
      const octets: unknown = socket.read();
      if (!(octets instanceof Uint8Array)) return;
      pieces.push(octets);
      length += octets.length;
      if (length < needed) return;
      came = pieces.length === 1 ? octets : Buffer.concat(pieces);
      const hello = readClientHello(came.length > mostOpeningOctets ? came.subarray(0, mostOpeningOctets) : came);
      if (hello.state === 'incomplete') {
        needed = hello.needed;
        return;
      }
      if (hello.state === 'unusable') {
        refuse(hello.reason);
        return;
      }
      const server = this.#options.serverFor(hello.serverName);
      if (server === undefined) {
        refuse('no host of this name', hello.serverName ?? 'none');
        return;
      }
      forget();
      socket.unshift(came);
      server.take(socket);
    };
    const onEnd = (): void => refuse('it ended before its ClientHello');
    const timer = this.#options.clock.after(helloMs, () => refuse('no ClientHello in time'), { unref: true });
    socket.once('close', forget);
    this.#waiting.set(socket, refuse);
    socket.on('readable', onReadable).on('end', onEnd).on('error', onEnd);
    this.#makeRoom();
  }

  /** Apart from the rest: what listens for as long as the connection lives would keep its ClientHello. */
  #count(socket: Socket): void {
    this.#connections.add(socket);
    socket.once('close', () => this.#connections.delete(socket));
  }

  #makeRoom(): void {
    if (this.#waiting.size <= mostWaiting) return;
    const [oldest] = this.#waiting.values();
    oldest?.('too many have not said for which host they are');
  }
}

/** What is no TLS is named as every server of ours names it. */
function openingRefusal(
  came: Uint8Array,
  evidence: { readonly address: string; readonly serverName: string; readonly reason: string },
): Refusal {
  const { kind, name: reason } = whatCame(came);
  if (kind === 'http') return new Refusal('CS-TLS-010', { address: evidence.address, reason });
  if (kind === 'another protocol') return new Refusal('CS-TLS-011', { address: evidence.address, reason });
  return new Refusal('CS-GATEWAY-023', evidence);
}
