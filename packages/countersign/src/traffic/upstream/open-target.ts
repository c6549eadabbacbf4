/** Connections to a target: TCP, or mutual TLS by our own endpoints, within the time that they have. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Clock } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { type ClientOptions, secureSocket } from '../../runtime/tls/index.ts';
import type { Upstream } from '../relay/index.ts';
import type { NotAuthenticated } from './not-authenticated.ts';
import { gated } from './passing.ts';
import type { ParsedTarget } from './target-url.ts';
import type { UpstreamTls } from './upstream-options.ts';

export interface OpenOptions {
  readonly upstream: string;
  readonly target: string;
  readonly clock: Clock;
  readonly connectMs: number;
  readonly version: ParsedTarget['version'];
  readonly tls?: UpstreamTls | undefined;
  /** A certificate of a connection is about to expire: nothing new should begin on those that there are. */
  readonly onRetire: () => void;
  readonly notAuthenticated: NotAuthenticated;
}

/** @param preface said before anything else, TLS included */
export type Opener = (place: Upstream, preface?: Uint8Array) => Socket | Promise<Socket>;

/** @returns for TLS one that is verified; its promise rejects with a Refusal */
export function opener(options: OpenOptions): Opener {
  const { tls, clock, connectMs, version, upstream, target, notAuthenticated } = options;
  if (tls === undefined) return (place, preface) => overTcp(place, options, preface);
  const { trust, credentials, policy, servername } = tls;
  const client: ClientOptions = { trust, credentials, clock, timeoutMs: connectMs };
  return async (place, preface) => {
    const { host, port } = place;
    const below = preface === undefined ? undefined : await connected(overTcp(place, options, preface));
    const destination = { host, port, servername: servername ?? host, protocols: [version], expectsAnswer: true };
    const to = { ...destination, ...(below && { connection: below }) };
    const secure = await secureSocket(policy, client, to).catch((error: unknown) => {
      notAuthenticated.refused(error);
      throw error;
    });
    const { socket } = secure;
    notAuthenticated.authenticated();
    socket.once('error', (error) => notAuthenticated.ended(error));
    gated(secure);
    secure.onRetire(() => options.onRetire());
    if (version === 'http/1.1' || socket.alpnProtocol === version) return socket;
    socket.destroy();
    throw new Refusal('CS-GATEWAY-034', { upstream, target, reason: 'it does not offer HTTP/2' });
  };
}

async function connected(socket: Socket): Promise<Socket> {
  await once(socket, 'connect');
  return socket;
}

function overTcp(
  { host, port }: Upstream,
  { upstream, target, clock, connectMs }: OpenOptions,
  preface: Uint8Array | undefined,
): Socket {
  const socket = connect({ host, port, noDelay: true });
  const timer = clock.after(
    connectMs,
    () => socket.destroy(new Refusal('CS-GATEWAY-040', { upstream, target, waitedMs: connectMs })),
    { unref: true },
  );
  if (preface !== undefined) socket.write(preface);
  const done = (): void => timer.cancel();
  socket.once('connect', done).once('close', done);
  return socket;
}
