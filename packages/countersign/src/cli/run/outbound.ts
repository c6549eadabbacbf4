/** What the programs of a `run` are told of whom they may call and who is revoked: followed here, or by the front and heard from it. */
import type { Clock } from '../../ground/clock/index.ts';
import type { Agent } from '../../traffic/agent/index.ts';
import {
  bundleSnapshot,
  type OutboundSettings,
  type TrustSnapshot,
  writeOutboundFile,
} from '../../traffic/preload/index.ts';
import type { StatusMeans } from '../../traffic/revocation-sources/index.ts';
import { followTrust, type FollowedTrust } from '../../traffic/sidecar/index.ts';
import { feedWarning } from './feed-warning.ts';

export interface OutboundOptions {
  readonly folder: string;
  readonly to: readonly string[];
  readonly public: readonly string[];
  /** What the programs ask beside the feed that they are told of. */
  readonly means: StatusMeans | undefined;
}

export interface TrustWarning {
  readonly text: string;
  readonly code: string | null;
}

/** Called with each snapshot; the file is in place when it returns. */
export function outboundWriter({ folder, ...names }: OutboundOptions): (trust: TrustSnapshot) => void {
  return (trust) => {
    const { to, public: others, means } = names;
    const settings: OutboundSettings = { to, public: others, trust, ...(means && { means }) };
    writeOutboundFile(folder, settings);
  };
}

/** Until anything is heard nobody may be called: a lease that has ended says so. */
export function unknownTrust({ bundles }: Agent): TrustSnapshot {
  const set = bundles.current();
  const bundle = set.get(set.home);
  if (bundle === undefined) throw new TypeError('the bundles hold the home trust domain');
  return { bundle: bundleSnapshot(bundle), revocations: { number: 0, freshUntil: 0, revoked: [], scopes: [] } };
}

/** For a `run` without a front. */
export function followForPrograms(
  { credentials, bundles, held }: Agent,
  { clock, lease }: { clock: Clock; lease: 'refuseAfterLease' | 'continueAfterLease' },
  onTrust: (trust: TrustSnapshot) => void,
  onWarning: (warning: TrustWarning) => void,
): Promise<FollowedTrust> {
  return followTrust({
    url: held.authority,
    rootSha256: held.rootSha256,
    credentials,
    bundles,
    clock,
    lease,
    onTrust,
    onFeedEvent: (event) => {
      const warning = feedWarning(event);
      if (warning !== undefined) onWarning(warning);
    },
  });
}
