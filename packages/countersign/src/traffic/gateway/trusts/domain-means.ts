/** How revocation reaches the gateway for one trust domain: its authority's feed, lists, responders; opened as the configuration says, and closed with it. */
import { dirname, resolve } from 'node:path';
import type { Clock } from '../../../ground/clock/index.ts';
import { toBase64Url } from '../../../ground/encoding/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import { RevocationState, type RevocationView } from '../../../identity/revocation/index.ts';
import { type Bundle, BundleSet } from '../../../identity/spiffe/index.ts';
import { randomBytes, sha256Hex } from '../../../runtime/cryptography/index.ts';
import { type Credential, MutableSource, type Source, type Trust } from '../../../runtime/tls/index.ts';
import {
  type FeedEvent,
  type FeedFollower,
  followFeed,
  type OpenStatusMeans,
  openStatusMeans,
  type StatusMeans,
} from '../../revocation-sources/index.ts';
import { isAddress } from '../configuration/is-address.ts';
import type { FeedSettings, RevocationSettings } from '../configuration/gateway-file.ts';
import type { LoadedConfiguration } from '../configuration/load-configuration.ts';

export interface OpenFeed {
  readonly settings: FeedSettings;
  readonly bundles: MutableSource<BundleSet>;
  readonly revocations: MutableSource<RevocationView>;
  readonly follower: FeedFollower;
}

export interface DomainMeans {
  readonly key: string;
  readonly trustDomain: string;
  readonly feed: OpenFeed | undefined;
  readonly means: OpenStatusMeans | undefined;
  readonly undetermined: StatusMeans['undetermined'];
  /** What is asked beside the feed. */
  readonly asked: readonly ('crl' | 'ocsp')[];
  /** Resolves when what is known of revocations is there, or could not be had. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface DomainMeansOptions {
  readonly clock: Clock;
  /** Of the gateway, for all of its trusts: what they close is acknowledged. */
  readonly closing: Pick<Trust, 'settled' | 'closedTotal'>;
  readonly credentialOf: (name: string) => Source<Credential>;
  readonly onWarning?: ((warning: Refusal) => void) | undefined;
  readonly onFeedEvent?: ((trustDomain: string, event: FeedEvent) => void) | undefined;
}

/** The same for as long as nothing of it was changed. */
export function keyOfMeans(trustDomain: string, configuration: LoadedConfiguration): string {
  const { file, bundles } = configuration;
  const { revocation, feed } = file.trust[trustDomain] ?? {};
  const anchors = feed && bundles.get(trustDomain)?.anchors.map(({ raw }) => sha256Hex(raw));
  const means = revocation && statusMeansOf(revocation, configuration);
  return JSON.stringify([trustDomain, means ?? null, feed ?? null, anchors ?? null]);
}

export function openDomainMeans(
  trustDomain: string,
  configuration: LoadedConfiguration,
  options: DomainMeansOptions,
): DomainMeans {
  const { clock, onWarning } = options;
  const { revocation, feed: settings } = configuration.file.trust[trustDomain] ?? {};
  const bundle = configuration.bundles.get(trustDomain);
  const bundles = settings && bundle && new MutableSource(new BundleSet(trustDomain, [bundle]));
  const asked = revocation && statusMeansOf(revocation, configuration);
  const means = asked && openStatusMeans(asked, { clock, toldByFeed: bundles, ...(onWarning && { onWarning }) });
  const feed =
    settings &&
    bundles &&
    bundle &&
    openFeed(
      { settings: placed(settings, configuration), bundles, bundle, trustDomain, report: means?.report },
      options,
    );
  return {
    key: keyOfMeans(trustDomain, configuration),
    ...{ trustDomain, feed, means, undetermined: asked?.undetermined ?? 'refuse', asked: kindsOf(asked) },
    settled: async () => {
      await Promise.all([means?.settled(), feed?.follower.ready.catch(() => undefined)]);
    },
    close: async () => {
      means?.close();
      await feed?.follower.close({ leaving: true });
    },
  };
}

function kindsOf(asked: StatusMeans | undefined): DomainMeans['asked'] {
  if (asked === undefined) return [];
  const { lists, listsFromCertificates, ocsp } = asked;
  return [
    ...(lists.length > 0 || listsFromCertificates ? (['crl'] as const) : []),
    ...(ocsp === 'none' ? [] : (['ocsp'] as const)),
  ];
}

interface FeedParts {
  readonly settings: FeedSettings;
  readonly bundles: MutableSource<BundleSet>;
  readonly bundle: Bundle;
  readonly trustDomain: string;
  readonly report: OpenStatusMeans['report'] | undefined;
}

function openFeed(parts: FeedParts, options: DomainMeansOptions): OpenFeed {
  const { settings, bundles, bundle, trustDomain, report } = parts;
  const { clock, closing, credentialOf, onFeedEvent } = options;
  const { socket, url, credential, afterLease } = settings;
  const revocations = new MutableSource<RevocationView>(RevocationState.unknown);
  const [root] = bundle.anchors;
  const follower = followFeed({
    ...{ socket, url, bundles, revocations, clock, report },
    rootSha256: settings.rootSha256 ?? sha256Hex(root?.raw ?? new Uint8Array()),
    credentials: credential === undefined ? undefined : credentialOf(credential),
    trust: {
      settled: () => closing.settled(),
      get closedTotal() {
        return closing.closedTotal;
      },
      refusesAfterLease: afterLease === 'refuse',
    },
    endpoint: toBase64Url(randomBytes(16)),
    onEvent: (event) => onFeedEvent?.(trustDomain, event),
  });
  return { settings, bundles, revocations, follower };
}

function placed(settings: FeedSettings, { path }: LoadedConfiguration): FeedSettings {
  const { socket } = settings;
  return socket === undefined ? settings : { ...settings, socket: resolve(dirname(resolve(path)), socket) };
}

/** Files are named from where the configuration lies, as the socket is. */
function statusMeansOf(settings: RevocationSettings, { path }: LoadedConfiguration): StatusMeans {
  const { crl, crlFromCertificates, ocsp = 'none', undetermined, allowPrivateSources } = settings;
  const folder = dirname(resolve(path));
  return {
    lists: crl.map((source) => (isAddress(source) ? { url: source } : { file: resolve(folder, source) })),
    listsFromCertificates: crlFromCertificates,
    ocsp: ocsp === 'none' || ocsp === 'named' ? ocsp : { responder: ocsp },
    undetermined: undetermined === 'let-in' ? 'letInUnlessKnownRevoked' : 'refuse',
    privateRanges: allowPrivateSources ? 'allow' : 'refuse',
  };
}
