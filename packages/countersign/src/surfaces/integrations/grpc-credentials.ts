/** gRPC, the client's side: credentials for a channel of @grpc/grpc-js, whose connections all go through the one peer verifier. */
import type { Socket } from 'node:net';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Refusal } from '../../ground/errors/index.ts';
import { connect, type MutualClientOptions, type PolicyOrSource } from '../../runtime/tls/index.ts';

/** What is used of the caller's own `@grpc/grpc-js`, so that its classes are those that its channels know. */
export interface GrpcClientLike<Credentials> {
  readonly ChannelCredentials: abstract new () => Credentials;
  readonly CallCredentials: { createEmpty(): unknown };
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
 * as UNAVAILABLE, and `onRefusal` is told why.
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
        getCallCredentials: () => callCredentials ?? grpc.CallCredentials.createEmpty(),
        destroy: () => undefined,
      };
    }
  }
  const secured = async (connection: Socket, servername: string): Promise<{ socket: TLSSocket; secure: true }> => {
    const { remoteAddress: host = 'not known', remotePort: port = 0 } = connection;
    try {
      const destination = { host, port, servername, protocols: ['h2'], expectsAnswer: true, connection };
      const { socket } = await connect(policy, { ...options, ...destination });
      if (socket.alpnProtocol === 'h2') return { socket, secure: true };
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
