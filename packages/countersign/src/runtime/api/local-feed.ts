/** The feed for processes of this machine, over the local socket: the same messages, for programs that have no certificate (yet). The kernel says who asks. */
import { acknowledgeFeed, type FeedAcknowledgement, feedPath } from './feed.ts';
import { type FeedFarewell, leaveFeed } from './leave-feed.ts';
import type { Empty, Operation } from './operation.ts';

/** What carries the feed, and what is said back: over mutual TLS, or over the local socket. */
export interface FeedRoutes {
  readonly path: string;
  readonly acknowledge: Operation<FeedAcknowledgement, Empty>;
  readonly leave: Operation<FeedFarewell, Empty>;
}

export const networkFeed: FeedRoutes = { path: feedPath, acknowledge: acknowledgeFeed, leave: leaveFeed };

/** The header in which a follower at the socket says, with `yes`, that nothing rests on what it hears: it holds no lease, and nobody waits for it. */
export const feedObserverHeader = 'countersign-observer';

export const localFeed: FeedRoutes = {
  path: '/v1/local/feed',
  acknowledge: { ...acknowledgeFeed, path: '/v1/local/feed/acknowledgements' },
  leave: { ...leaveFeed, path: '/v1/local/feed/farewells' },
};
