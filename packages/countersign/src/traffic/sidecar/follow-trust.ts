/** Trust that follows the authority's feed, and tells what it knows to processes that do not follow it themselves. */
import { type Clock, sleep } from '../../ground/clock/index.ts';
import { toBase64Url } from '../../ground/encoding/index.ts';
import { RevocationState, type RevocationView } from '../../identity/revocation/index.ts';
import type { BundleSet } from '../../identity/spiffe/index.ts';
import { randomBytes } from '../../runtime/cryptography/index.ts';
import { type CredentialSource, MutableSource, Trust, type TrustOptions } from '../../runtime/tls/index.ts';
import { bundleSnapshot, revocationSnapshot, type TrustSnapshot } from '../preload/index.ts';
import {
  type FeedEventListener,
  followFeed,
  type OpenStatusMeans,
  openStatusMeans,
  type StatusMeans,
} from '../revocation-sources/index.ts';
import type { Refusal } from '../../ground/errors/index.ts';

export interface FollowedTrustOptions {
  /** The authority's address: `https://host:port`. */
  readonly url: string;
  /** Lower-case hex SHA-256 of the authority's root. */
  readonly rootSha256: string;
  readonly credentials: CredentialSource;
  /** Set by the feed. */
  readonly bundles: MutableSource<BundleSet>;
  readonly clock: Clock;
  /** As of a trust; default `refuseAfterLease`. */
  readonly lease?: TrustOptions['lease'];
  readonly onFeedEvent?: FeedEventListener;
  /** Lists and responders that are asked beside the feed; default none. */
  readonly means?: StatusMeans;
  /** Told what goes wrong with them, ahead where that is possible. */
  readonly onStatusWarning?: (warning: Refusal) => void;
  /** Hears what is trusted whenever that changes, and while nothing does in time to lengthen the lease. */
  readonly onTrust: (snapshot: TrustSnapshot) => void;
  /** How long opening waits for the first state of the feed, milliseconds; default 9,000. */
  readonly feedWaitMs?: number;
}

export interface FollowedTrust {
  readonly trust: Trust;
  /** Tells the authority that nothing rests on it here any more. */
  close(): Promise<void>;
}

const defaultFeedWaitMs = 9_000;

/** For who goes on after the lease: the last that a date can be (ECMAScript, 21.4.1.1), since JSON has no infinity. */
const latestTimeMs = 8_640_000_000_000_000;

/** Resolves when the revocations are known, or `feedWaitMs` later without them; `onTrust` has heard of either by then. */
export async function followTrust(options: FollowedTrustOptions): Promise<FollowedTrust> {
  const { url, rootSha256, credentials, bundles, clock, onFeedEvent, feedWaitMs = defaultFeedWaitMs } = options;
  const revocations = new MutableSource<RevocationView>(RevocationState.unknown);
  const { lease } = options;
  const means = meansOf(options);
  const trust = new Trust({ bundles, revocations, clock, ...(lease && { lease }), ...means?.trustOptions });
  const endTelling = tellTrust(bundles, revocations, options);
  const endpoint = toBase64Url(randomBytes(16));
  const feed = followFeed({
    url,
    rootSha256,
    credentials,
    bundles,
    revocations,
    trust,
    endpoint,
    clock,
    report: means?.report,
    ...(onFeedEvent && { onEvent: onFeedEvent }),
  });
  const waiting = new AbortController();
  // Lists that never come hold nobody up for longer.
  const known = Promise.all([feed.ready, means?.settled()]);
  await Promise.race([known, sleep(clock, feedWaitMs, waiting.signal).catch(() => undefined)]);
  waiting.abort();
  return {
    trust,
    close: async () => {
      endTelling();
      await feed.close({ leaving: true });
      trust.close();
      means?.close();
    },
  };
}

function meansOf({ means, clock, bundles, onStatusWarning }: FollowedTrustOptions): OpenStatusMeans | undefined {
  if (means === undefined) return undefined;
  return openStatusMeans(means, { clock, toldByFeed: bundles, ...(onStatusWarning && { onWarning: onStatusWarning }) });
}

function tellTrust(
  bundles: MutableSource<BundleSet>,
  revocations: MutableSource<RevocationView>,
  { clock, onTrust, lease }: FollowedTrustOptions,
): () => void {
  let told: { number: number; freshUntil: number } | undefined;
  const tell = (): void => {
    const set = bundles.current();
    const bundle = set.get(set.home);
    const view = revocations.current();
    if (bundle === undefined || !(view instanceof RevocationState)) return;
    told = { number: view.number, freshUntil: view.freshUntil };
    const snapshot = revocationSnapshot(view);
    onTrust({
      bundle: bundleSnapshot(bundle),
      revocations: lease === 'continueAfterLease' ? { ...snapshot, freshUntil: latestTimeMs } : snapshot,
    });
  };
  const tellNews = (view: RevocationView): void => {
    // A heartbeat every few seconds moves the lease alone: that is told when half of the one told last is used up.
    const leaseMs = view instanceof RevocationState ? view.leaseMs : 0;
    if (view.number === told?.number && told.freshUntil - clock.now() > leaseMs / 2) return;
    tell();
  };
  tell();
  const endings = [bundles.watch(tell), revocations.watch(tellNews)];
  return () => {
    for (const end of endings) end();
  };
}
