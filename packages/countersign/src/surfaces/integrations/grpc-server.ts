/** gRPC, the server's side: a server of @grpc/grpc-js that gets its connections from ours, so that it hears of verified peers alone. */
import type { TLSSocket } from 'node:tls';
import type { Timer } from '../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import type { PeerPolicy } from '../../identity/authorization/index.ts';
import {
  createTlsServer,
  type MutualTlsServer,
  type PolicyOrSource,
  type ServerOptions,
  type VerifiedConnection,
  type VerifiedPeer,
} from '../../runtime/tls/index.ts';
import { allowed, requirePolicy } from './admitted-peer.ts';
import { callInterceptor, type GrpcCallsLike, type Interceptor, peerOfMetadata } from './grpc-calls.ts';
import { connectionKey } from './connection-key.ts';
import { announcerOf } from './grpc-session.ts';

export interface ConnectionInjectorLike {
  injectConnection(connection: TLSSocket): void;
  drain(graceTimeMs: number): void;
  destroy(): void;
}

export interface GrpcServerLike<ServerCredentials> {
  createConnectionInjector(credentials: ServerCredentials): ConnectionInjectorLike;
  forceShutdown(): void;
}

/** What is used of the caller's own `@grpc/grpc-js`. */
export interface GrpcLike<Server, ServerCredentials> extends GrpcCallsLike {
  readonly Server: new (options: GrpcOptions) => Server;
  readonly ServerCredentials: { createInsecure(): ServerCredentials };
}

/** As `new grpc.Server()` takes them. */
export type GrpcOptions = Readonly<Record<string, unknown>> & { readonly interceptors?: never[] };

export interface MutualTlsGrpcServer<Server> extends MutualTlsServer {
  /** For `addService`; it is bound to no port of its own. */
  readonly server: Server;
}

/** Calls of one connection at a time, where the caller says nothing. What our servers of HTTP/2 allow, too. */
const mostStreams = 100;

const defaultGraceMs = 5_000;

/** As long as calls may be on their way when the GOAWAY comes, the connection stays open. As our servers of HTTP/2 have it. */
const lastCallsMs = 1_000;

/**
 * @param policy who may be the client; required, there is no default
 * @param grpc `import * as grpc from '@grpc/grpc-js'`
 */
export function createGrpcServer<ServerCredentials, Server extends GrpcServerLike<ServerCredentials>>(
  policy: PolicyOrSource,
  options: ServerOptions,
  grpc: GrpcLike<Server, ServerCredentials>,
  grpcOptions: GrpcOptions = {},
): MutualTlsGrpcServer<Server> {
  const connections = new Map<string, VerifiedConnection>();
  const own: readonly Interceptor[] = [callInterceptor(grpc, options.trust, connections)];
  const server = new grpc.Server({
    'grpc.max_concurrent_streams': mostStreams,
    ...grpcOptions,
    interceptors: [...own, ...(grpcOptions.interceptors ?? [])] as never[],
  });
  const injectors = new Set<ConnectionInjectorLike>();
  const listener = createTlsServer(policy, { ...options, protocols: ['h2'] }, (connection) => {
    const { socket } = connection;
    const key = connectionKey(socket);
    // The kernel gave the address of a connection whose end is not known here yet to another one: neither can be told from the other.
    const before = key === undefined ? undefined : connections.get(key);
    if (key === undefined || before !== undefined || socket.alpnProtocol !== 'h2') {
      before?.socket.destroy();
      socket.destroy();
      return;
    }
    connections.set(key, connection);
    // One for each connection, so that one can be given up in good order, ahead of its expiry.
    const injector = server.createConnectionInjector(grpc.ServerCredentials.createInsecure());
    injectors.add(injector);
    const announce = announcerOf(socket);
    let timer: Timer | undefined;
    const ending = connection.onRetire(() => {
      announce();
      timer = options.clock.after(lastCallsMs, () => injector.drain(defaultGraceMs), { unref: true });
    });
    socket.once('close', () => {
      ending();
      timer?.cancel();
      if (connections.get(key) === connection) connections.delete(key);
      injectors.delete(injector);
      injector.destroy();
    });
    injector.injectConnection(socket);
  });
  return {
    server,
    get connections() {
      return listener.connections;
    },
    listen: (where) => listener.listen(where),
    close: async ({ graceMs = defaultGraceMs } = {}) => {
      for (const injector of injectors) injector.drain(graceMs);
      await listener.close({ graceMs });
      server.forceShutdown();
    },
  };
}

/** What is used of a call, of every kind. */
export interface GrpcCallLike {
  readonly metadata: object;
}

/** The client of this call. @throws CS-PEER-001 where the call did not come through `createGrpcServer` */
export function peerOfCall(call: GrpcCallLike): VerifiedPeer {
  const peer = peerOfMetadata(call.metadata);
  if (peer === undefined) throw new Refusal('CS-PEER-001', { address: 'not known' });
  return peer;
}

interface RefusedCall {
  readonly code: number;
  readonly details: string;
}

/** gRPC's PERMISSION_DENIED. */
const permissionDenied = 7;

/**
 * A handler that is for some alone: `addService(definition, { cancel: requirePeerOfCall(policy, cancel) })`. Others get PERMISSION_DENIED and the code.
 * @param policy beside that of the server
 */
export function requirePeerOfCall<Call extends GrpcCallLike, Rest extends readonly unknown[]>(
  policy: PeerPolicy,
  handler: (call: Call, ...rest: Rest) => void,
): (call: Call, ...rest: Rest) => void {
  if ((policy as unknown) === undefined) throw new TypeError('requirePeerOfCall() takes a policy');
  requirePolicy(policy);
  return (call, ...rest) => {
    try {
      allowed(peerOfCall(call), policy);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refuse(call, rest[0], { code: permissionDenied, details: error.code });
      return;
    }
    handler(call, ...rest);
  };
}

function refuse(call: object, callback: unknown, status: RefusedCall): void {
  // Calls with one answer have a callback, those with a stream of them are streams.
  if (typeof callback === 'function') Reflect.apply(callback, undefined, [status]);
  else if ('emit' in call && typeof call.emit === 'function') Reflect.apply(call.emit, call, ['error', status]);
}
