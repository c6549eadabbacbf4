/** What stands before every call of a gRPC server: whose it is, and whether that peer still passes at this moment. */
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import type { Trust, VerifiedConnection, VerifiedPeer } from '../../runtime/tls/index.ts';
import { type ConnectionEnds, connectionKey } from './connection-key.ts';

/** What is used of the call that grpc-js hands to an interceptor. */
export interface InterceptedCall {
  getConnectionInfo(): ConnectionEnds;
  /** As the request has it in `:authority`, or else in `host`. */
  getHost(): string | undefined;
  sendStatus(status: { code: number; details: string }): void;
}

export type Interceptor = (method: unknown, call: InterceptedCall) => unknown;

/** What is used of the caller's own `@grpc/grpc-js`. */
export interface GrpcCallsLike {
  readonly ServerInterceptingCall: new (call: never, responder: never) => unknown;
}

type Next = (value: unknown) => void;

const peers = new WeakMap<object, VerifiedPeer>();

/** The metadata of a call is the one thing of it that interceptor and handler both have. */
export function peerOfMetadata(metadata: object): VerifiedPeer | undefined {
  return peers.get(metadata);
}

/** gRPC's PERMISSION_DENIED. */
const permissionDenied = 7;

export function callInterceptor(
  grpc: GrpcCallsLike,
  trust: Trust,
  connections: ReadonlyMap<string, VerifiedConnection>,
): Interceptor {
  return (_method, call) => {
    const key = connectionKey(call.getConnectionInfo());
    const connection = key === undefined ? undefined : connections.get(key);
    const passes = (): boolean => connection?.gate.passes() === true;
    const listener = {
      onReceiveMetadata: (metadata: MetadataLike, next: Next): void => {
        const refusal = refusalOf(connection, trust) ?? misdirected(connection, call, metadata);
        if (refusal !== undefined || connection === undefined) {
          call.sendStatus({ code: permissionDenied, details: refusal?.code ?? 'CS-PEER-001' });
          return;
        }
        peers.set(metadata, connection.peer);
        next(metadata);
      },
      // Nothing goes either way once the peer no longer passes; its connection is closed.
      onReceiveMessage: (message: unknown, next: Next): void => {
        if (passes()) next(message);
      },
      onReceiveHalfClose: (next: () => void): void => {
        if (passes()) next();
      },
    };
    const responder = {
      start: (next: Next): void => next(listener),
      sendMessage: (message: unknown, next: Next): void => {
        if (passes()) next(message);
      },
    };
    return new grpc.ServerInterceptingCall(call as never, responder as never);
  };
}

function refusalOf(connection: VerifiedConnection | undefined, trust: Trust): Refusal | undefined {
  if (connection?.gate.passes() !== true) return new Refusal('CS-PEER-001', { address: 'not known' });
  try {
    // Timers alone are not enough: a machine that slept runs them late.
    trust.requireCurrent(connection.peer);
    return undefined;
  } catch (error) {
    if (isRefusal(error)) return error;
    throw error;
  }
}

/** The equal of HTTP's 421: what was decided in the handshake is not about another host. A router may look at either field. */
function misdirected(
  connection: VerifiedConnection | undefined,
  call: InterceptedCall,
  metadata: MetadataLike,
): Refusal | undefined {
  for (const host of [call.getHost(), ...hostsIn(metadata)]) {
    const refusal = host === undefined ? undefined : connection?.misdirected(host);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** What is used of the metadata of grpc-js. */
interface MetadataLike {
  get?(key: string): readonly unknown[];
}

function hostsIn(metadata: MetadataLike): readonly string[] {
  return (metadata.get?.('host') ?? []).map(String);
}
