/** The way to the authority that the feed takes: mutual TLS as one of its services, or its local socket. */
import { Agent, type Dispatcher } from 'undici';
import { spiffeId } from '../../identity/authorization/index.ts';
import { authorityId, type FeedRoutes, localFeed, networkFeed } from '../../runtime/api/index.ts';
import { socketPath } from '../../runtime/config/index.ts';
import { createDispatcher, Trust } from '../../runtime/tls/index.ts';
import type { FeedOptions } from './feed-options.ts';

export interface FeedConnection {
  readonly dispatcher: Dispatcher;
  readonly url: string;
  readonly routes: FeedRoutes;
  /** Calls `listener` when another credential should be used from now on. */
  watch(listener: () => void): () => void;
  close(): Promise<void>;
}

/** The stream, and an acknowledgement beside it. */
const localConnections = 2;

export function openFeedConnection(options: FeedOptions): FeedConnection {
  return options.socket === undefined ? overMutualTls(options) : overSocket(options.socket);
}

function overMutualTls({ url, credentials, bundles, revocations, clock, observes }: FeedOptions): FeedConnection {
  if (observes === true) throw new TypeError('who observes the feed does so at a socket');
  if (url === undefined || credentials === undefined)
    throw new TypeError('a feed is followed at a socket, or at a url with credentials');
  // It is the authority that renews leases, so it must be reachable when they have ended.
  const trust = new Trust({ bundles, revocations, clock, lease: 'continueAfterLease' });
  const dispatcher = createDispatcher(spiffeId(authorityId(bundles.current().home)), { trust, credentials, clock });
  return {
    ...{ dispatcher, url, routes: networkFeed },
    watch: (listener) => credentials.watch(listener),
    close: async () => {
      await dispatcher.destroy();
      trust.close();
    },
  };
}

function overSocket(socket: string): FeedConnection {
  const path = socketPath(socket);
  const dispatcher = new Agent({
    allowH2: false,
    connections: localConnections,
    connect: { socketPath: path.path },
  });
  return {
    ...{ dispatcher, url: 'http://authority', routes: localFeed },
    watch: () => () => undefined,
    close: async () => {
      await dispatcher.destroy();
      path.release();
    },
  };
}
