/** gRPC, the client's side: credentials for a channel of @grpc/grpc-js, whose connections all go through the one peer verifier. */
import type { Socket } from 'node:net';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Refusal } from '../../ground/errors/index.ts';
import { type MutualClientOptions, type PolicyOrSource, secureSocket } from '../../runtime/tls/index.ts';
import { GrpcConnections } from './grpc-connections.ts';

/** What is used of the caller's own `@grpc/grpc-js`, so that its classes are those that its channels know. */
export interface GrpcClientLike<Credentials> {
  readonly ChannelCredentials: abstract new () => Credentials;
  readonly CallCredentials: { createFromMetadataGenerator(generator: MetadataGenerator): CallCredentialsLike };
  readonly Metadata: new () => object;
}

type MetadataGenerator = (given: unknown, done: (error: null, metadata: never) => void) => void;

interface CallCredentialsLike {
  compose(other: never): unknown;
}

interface SecureConnector {
  connect(connection: Socket): Promise<{ socket: TLSSocket; secure: true }>;
  waitForReady(): Promise<void>;
  getCallCredentials(): unknown;
  destroy(): void;
}

/** The target of a channel, as grpc-js has parsed it. */
interface Target {
  readonly path: string;
}

type ChannelOptions = Readonly<Record<string, unknown>>;

/**
 * `new Client('orders.internal:443', createGrpcCredentials(policy, options, grpc))`. Nothing is sent to a server that was not verified; the call then fails
 * as UNAVAILABLE, and `onRefusal` is told why. Another credential and other bundles are in force from the next call on, each on a new connection.
 * @param policy who may be the server; required, there is no default
 * @param grpc `import * as grpc from '@grpc/grpc-js'`
 */
export function createGrpcCredentials<Credentials>(
  policy: PolicyOrSource,
  options: MutualClientOptions,
  grpc: GrpcClientLike<Credentials>,
): Credentials {
  // Its members are abstract, and all are here; a generic class can't be extended as such.
  const Base = grpc.ChannelCredentials as unknown as new () => object;
  class MutualTlsCredentials extends Base {
    _isSecure(): boolean {
      return true;
    }

    /** Channels share connections where their credentials are equal: the same policy, trust and credential are the same object. */
    _equals(other: unknown): boolean {
      return this === other;
    }

    _createSecureConnector(target: Target, channelOptions: ChannelOptions, callCredentials?: unknown): SecureConnector {
      const servername = serverNameOf(target, channelOptions);
      return {
        connect: (connection) => secured(connection, servername),
        waitForReady: () => Promise.resolve(),
        getCallCredentials: () =>
          callCredentials === undefined ? caughtUp : caughtUp.compose(callCredentials as never),
        destroy: () => undefined,
      };
    }
  }
  const connections = new GrpcConnections(options);
  // What is asked before each call, and after its connection was picked.
  const caughtUp = grpc.CallCredentials.createFromMetadataGenerator((_given, done) => {
    void connections.catchUp().then(() => done(null, new grpc.Metadata() as never));
  });
  const secured = async (connection: Socket, servername: string): Promise<{ socket: TLSSocket; secure: true }> => {
    const { remoteAddress: host = 'not known', remotePort: port = 0 } = connection;
    try {
      const destination = { host, port, servername, protocols: ['h2'], expectsAnswer: true, connection };
      const inForce = connections.inForce();
      const made = await secureSocket(policy, options, destination);
      const { socket } = made;
      if (socket.alpnProtocol === 'h2') {
        if (inForce !== undefined) connections.add(made, inForce);
        return { socket, secure: true };
      }
      socket.destroy();
      const refusal = new Refusal('CS-TLS-001', {
        address: `${host}:${port}`,
        reason: 'the server does not offer HTTP/2',
      });
      // Nobody else hears of it: a channel makes a status of what is thrown.
      options.onRefusal?.(refusal, { address: host, port });
      throw refusal;
    } catch (error) {
      connection.destroy();
      throw error;
    }
  };
  return new MutualTlsCredentials() as Credentials;
}

/** The host of the target, without what an address would be (RFC 6066, 3). */
function serverNameOf({ path }: Target, channelOptions: ChannelOptions): string {
  const override = channelOptions['grpc.ssl_target_name_override'];
  const host = typeof override === 'string' ? override : path.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(host) === 0 && !host.includes('/') ? host : '';
}
