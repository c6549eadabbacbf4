/** The endpoints of gRPC for the register: a server of grpc-js that answers each call with its peer, and a channel that makes one call. */
import * as grpc from '@grpc/grpc-js';
import { isRefusal, type Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
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
import { ofOneAnswer } from '../frameworks/grpc-calls.ts';

const whoami = ofOneAnswer('/v1/whoami');
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

/** Rejects with the refusal that the channel was told of, or with what else kept the call from every server. What comes of it later, such as an answer
 * that is no gRPC, comes after the peer was let in. */
export async function grpcCall(
  policy: PolicyOrSource,
  options: MutualClientOptions,
  to: GrpcDestination,
): Promise<void> {
  const client = openGrpcClient(policy, options);
  try {
    await client.ask(to);
  } catch (error) {
    if (isRefusal(error) || !reachedAServer(error)) throw error;
  } finally {
    client.close();
  }
}

/** As grpc-js says it of a call for which no connection was ready. */
function reachedAServer(error: unknown): boolean {
  return error instanceof Error && !error.message.includes('No connection established');
}

export interface GrpcClient {
  ask(to: GrpcDestination): Promise<string>;
  close(): void;
}

type Act = (
  request: string,
  options: grpc.CallOptions,
  callback: (error: grpc.ServiceError | null, answer?: string) => void,
) => void;

/** One credential for all of its channels, of which there is one for each server and server name. `ask` rejects with the refusal, where there was one. */
export function openGrpcClient(policy: PolicyOrSource, options: MutualClientOptions): GrpcClient {
  let refusal: Refusal | undefined;
  const onRefusal = (told: Refusal): void => void (refusal = told);
  const credentials = createGrpcCredentials(policy, { ...options, onRefusal }, grpc);
  const channels = new Map<string, InstanceType<typeof Client>>();
  const channelTo = ({ port, servername }: GrpcDestination): InstanceType<typeof Client> => {
    const key = `${port} ${servername ?? ''}`;
    const names =
      servername === undefined
        ? {}
        : { 'grpc.ssl_target_name_override': servername, 'grpc.default_authority': servername };
    const own = { 'grpc.use_local_subchannel_pool': 1, ...names };
    const channel = channels.get(key) ?? new Client(`127.0.0.1:${port}`, credentials, own);
    channels.set(key, channel);
    return channel;
  };
  const close = (): void => {
    for (const channel of channels.values()) channel.close();
    channels.clear();
  };
  return {
    ask: async (to) => {
      refusal = undefined;
      const channel = channelTo(to);
      const act = channel['whoami'] as Act;
      try {
        return await new Promise<string>((resolve, reject) => {
          act.call(channel, 'x', { deadline: Date.now() + 10_000 }, (error, answer = '') => {
            if (error === null) resolve(answer);
            else reject(error);
          });
        });
      } catch (error) {
        // A channel that failed waits before it tries again; who asks next does not.
        close();
        throw refusal ?? error;
      }
    },
    close,
  };
}
