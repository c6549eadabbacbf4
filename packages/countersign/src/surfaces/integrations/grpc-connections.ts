/** The connections of gRPC channels with one credential: each is given up, in good order, once what it was made with is no longer in force. */
import type { Http2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { MutualClientOptions, SecureSocket } from '../../runtime/tls/index.ts';
import { sessionOn } from './grpc-session.ts';

/** What a connection rests on: the own credential and the bundles, each the very object. */
export interface InForce {
  readonly credential: unknown;
  readonly bundles: unknown;
}

interface Kept {
  readonly made: SecureSocket;
  readonly with: InForce;
  readonly session: () => Http2Session | undefined;
}

export class GrpcConnections {
  readonly #options: MutualClientOptions;
  readonly #kept = new Set<Kept>();
  #endings: readonly (() => void)[] = [];

  constructor(options: MutualClientOptions) {
    this.#options = options;
  }

  /** To be taken in the moment in which a connection begins. A source that fails has not changed; the connection is then refused. */
  inForce(): InForce | undefined {
    const { credentials, trust } = this.#options;
    try {
      return { credential: credentials.current(), bundles: trust.bundles.current() };
    } catch {
      return undefined;
    }
  }

  /** To be called before grpc-js gets the socket. */
  add(made: SecureSocket, inForce: InForce): void {
    const kept: Kept = { made, with: inForce, session: sessionOn(made.socket) };
    this.#kept.add(kept);
    if (this.#kept.size === 1) this.#watch();
    const ended = made.onRetire(() => giveUp(kept));
    made.socket.once('close', () => {
      ended();
      this.#kept.delete(kept);
      if (this.#kept.size === 0) this.#unwatch();
    });
  }

  /** To be awaited by each call before it begins: what was picked for it is then picked again, where it must not be used. */
  async catchUp(): Promise<void> {
    // After a sleep the timers come late, and others may hear of a change before this does.
    this.#options.trust.enforceLease();
    const ends = this.#outOfForce().map(async (kept) => {
      if (!giveUp(kept)) await closed(kept.made.socket);
    });
    await Promise.all(ends);
  }

  #watch(): void {
    const { credentials, trust } = this.#options;
    const look = (): void => {
      for (const kept of this.#outOfForce()) giveUp(kept);
    };
    this.#endings = [credentials.watch(look), trust.bundles.watch(look)];
  }

  #unwatch(): void {
    for (const end of this.#endings) end();
    this.#endings = [];
  }

  #outOfForce(): Kept[] {
    const now = this.inForce();
    const differs = (made: InForce): boolean =>
      now !== undefined && (made.credential !== now.credential || made.bundles !== now.bundles);
    return [...this.#kept].filter((kept) => differs(kept.with) || !kept.made.gate.passes());
  }
}

/**
 * At a GOAWAY, and at nothing else, grpc-js gives a connection up in good order: calls that are on it end there, and others begin on a new one. Of a
 * session nobody knows before its first call. @returns whether it is given up
 */
function giveUp({ session }: Kept): boolean {
  const known = session();
  known?.emit('goaway', 0, 0);
  return known !== undefined;
}

/** No call was ever on it. */
function closed(socket: TLSSocket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve()).destroy();
  });
}
