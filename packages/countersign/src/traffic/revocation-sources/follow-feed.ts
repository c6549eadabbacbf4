/** Starts to follow an authority's feed of revocations and bundle changes. */
import { FeedFollower } from './feed-follower.ts';
import type { FeedOptions } from './feed-options.ts';

/** Until `ready` resolves nothing is known: endpoints over a fresh `RevocationState.unknown` refuse everybody until then. */
export function followFeed(options: FeedOptions): FeedFollower {
  return new FeedFollower(options);
}
