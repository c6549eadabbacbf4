/** The endpoints of gRPC for the register: a server of grpc-js that answers each call with its peer, and a channel that makes one call. */
import * as grpc from '@grpc/grpc-js';
import type { Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import type {
  MutualClientOptions,
  MutualTlsServer,
  PolicyOrSource,
  ServerOptions,
  VerifiedPeer,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import {
  createGrpcCredentials,
  createGrpcServer,
  peerOfCall,
} from '../../packages/countersign/src/surfaces/integrations/index.ts';

const text = {
  requestSerialize: (value: string): Buffer => Buffer.from(value),
  requestDeserialize: (bytes: Buffer): string => bytes.toString(),
  responseSerialize: (value: string): Buffer => Buffer.from(value),
  responseDeserialize: (bytes: Buffer): string => bytes.toString(),
};
const whoami = { path: '/v1/whoami', requestStream: false, responseStream: false, ...text };
const Client = grpc.makeGenericClientConstructor({ whoami }, 'Whoami');

export function grpcServer(
  policy: PolicyOrSource,
  options: ServerOptions,
  answerOf: (peer: VerifiedPeer) => string,
): MutualTlsServer {
  const served = createGrpcServer(policy, options, grpc);
  const answer: grpc.handleUnaryCall<string, string> = (call, callback) => callback(null, answerOf(peerOfCall(call)));
  served.server.addService({ whoami }, { whoami: answer });
  return served;
}

interface GrpcDestination {
  readonly port: number;
  readonly servername?: string;
}

/** Rejects with the refusal that the channel was told of. What else comes of the call, such as an answer that is no gRPC, comes after the peer was let in. */
export async function grpcCall(
  policy: PolicyOrSource,
  options: MutualClientOptions,
  { port, servername }: GrpcDestination,
): Promise<void> {
  const refusals: Refusal[] = [];
  const told: MutualClientOptions = { ...options, onRefusal: (refusal) => refusals.push(refusal) };
  const names =
    servername === undefined
      ? {}
      : { 'grpc.ssl_target_name_override': servername, 'grpc.default_authority': servername };
  const client = new Client(`127.0.0.1:${port}`, createGrpcCredentials(policy, told, grpc), names);
  const act = client['whoami'] as (request: string, options: grpc.CallOptions, callback: () => void) => void;
  await new Promise<void>((resolve) => act.call(client, 'x', { deadline: Date.now() + 10_000 }, resolve));
  client.close();
  const [refusal] = refusals;
  if (refusal !== undefined) throw refusal;
}
