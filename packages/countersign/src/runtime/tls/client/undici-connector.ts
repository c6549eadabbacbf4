/** How undici's pools get their connections from an endpoint of ours. */
import type { buildConnector } from 'undici';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import type { ClientEndpoint } from './client-endpoint.ts';
import type { Destination } from './client-options.ts';

export interface Opened {
  readonly origin: string;
  /** As ALPN chose it; `false` where the server knows none. */
  readonly protocol: string | false | null;
  /** Milliseconds since 1970. */
  readonly retireAt: number;
}

/** @param onOpen is called before the pool has the connection */
export function undiciConnector(
  endpoint: ClientEndpoint,
  protocols: readonly string[],
  onOpen: (opened: Opened) => void,
): buildConnector.connector {
  return (given, callback) => {
    const destination = destinationOf(given);
    if (isRefusal(destination)) {
      callback(destination, null);
      return;
    }
    endpoint.open({ ...destination, protocols }, { expectsAnswer: true }).then(
      ({ socket, live }) => {
        onOpen({
          origin: `${given.protocol}//${given.host ?? ''}`,
          protocol: socket.alpnProtocol,
          retireAt: live.retireAt,
        });
        callback(null, socket);
      },
      (error: unknown) =>
        callback(error instanceof Error ? error : new Error('connecting failed', { cause: error }), null),
    );
  };
}

function destinationOf({ protocol, hostname, port, servername }: buildConnector.Options): Destination | Refusal {
  if (protocol !== 'https:') return new Refusal('CS-TLS-008', { url: `${protocol}//${hostname}` });
  // A URL writes an IPv6 address in brackets; the network does not.
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: port === '' ? 443 : Number(port), servername: servername ?? host };
}
