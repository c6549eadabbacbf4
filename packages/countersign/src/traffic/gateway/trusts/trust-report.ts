/** By which means a revocation reaches the gateway, for each trust domain, how new that is, and how long it may take at worst: for people and for metrics. */
import { toRfc3339 } from '../../../ground/clock/index.ts';
import { registry } from '../../../ground/errors/index.ts';
import { RevocationState } from '../../../identity/revocation/index.ts';
import type { ReportedSource, StatusReport } from '../../../runtime/api/index.ts';
import type { Metrics } from '../../../runtime/telemetry/index.ts';
import type { StatusEvidence } from '../../../runtime/tls/index.ts';
import type { DomainMeans, OpenFeed } from './domain-means.ts';
import type { Trusts } from './trusts.ts';

export interface FeedReport {
  /** Up to which everything is in force here; 0 before anything was heard. */
  readonly number: number;
  readonly freshUntil: string | undefined;
  readonly isFresh: boolean;
  readonly afterLease: 'refuse' | 'continue';
}

export interface TrustReport {
  readonly trustDomain: string;
  /** The means that are asked; none: whoever is revoked is let in until the certificate ends. */
  readonly means: readonly RevocationMeans[];
  readonly feed: FeedReport | undefined;
  /** What becomes of a peer of whom lists and responders know nothing. */
  readonly undetermined: StatusReport['undetermined'] | undefined;
  readonly sources: readonly ReportedSource[];
  /** Of those, the ones of which nothing came yet, or nothing that still counts. */
  readonly stale: readonly string[];
  /** The longest time for which somebody may be let in who was revoked meanwhile; absent where the end of the certificate alone bounds it. */
  readonly worstSeconds: number | undefined;
}

export type RevocationMeans = 'feed' | 'crl' | 'ocsp';

const allMeans: readonly RevocationMeans[] = ['feed', 'crl', 'ocsp'];

export function reportOfTrust({ trustDomain, feed, means, asked }: DomainMeans, now: number): TrustReport {
  const evidence = evidenceOf(means);
  const held = means?.report();
  return {
    trustDomain,
    means: [...(feed === undefined ? [] : ['feed' as const]), ...asked],
    feed: feed && feedReport(feed, now),
    undetermined: held?.undetermined,
    sources: held?.sources ?? [],
    stale: evidence.filter((one) => isStale(one, now)).map(({ source }) => source),
    worstSeconds: worstSecondsOf({ feed, asked, soft: held?.undetermined === 'letInUnlessKnownRevoked' }, evidence),
  };
}

export function observeTrusts(metrics: Metrics, trusts: Trusts, now: () => number): void {
  const domains = (): readonly string[] => trusts.means.map(({ trustDomain }) => trustDomain);
  const known = metrics.gauge<'trust_domain' | 'means'>({
    name: 'countersign_gateway_revocation_known',
    help: 'Whether what a means tells of revocations still counts: 1, or 0 while it is too old or nothing came. A trust domain without means has none.',
    labels: { trust_domain: domains, means: allMeans },
  });
  const worst = metrics.gauge<'trust_domain'>({
    name: 'countersign_gateway_revocation_worst_seconds',
    help: 'The longest time for which somebody may be let in who was revoked meanwhile; infinite where the end of the certificate alone bounds it.',
    unit: 'seconds',
    labels: { trust_domain: domains },
  });
  const closed = metrics.counter<'code'>({
    name: 'countersign_gateway_closed_connections',
    help: 'Connections of callers, and requests of those whom a proxy names, that were ended because they no longer passed, expired, or were suspended.',
    labels: { code: [...registry.keys()].filter((code) => /^CS-(?:PEER|GATEWAY)-/.test(code)) },
  });
  metrics.beforeRead(() => {
    for (const one of trusts.means) {
      const { trustDomain, means, feed, stale, worstSeconds } = reportOfTrust(one, now());
      worst.set({ trust_domain: trustDomain }, worstSeconds ?? Number.POSITIVE_INFINITY);
      for (const kind of means) {
        const isKnown = kind === 'feed' ? feed?.isFresh === true : !staleOf(kind, one, stale);
        known.set({ trust_domain: trustDomain, means: kind }, isKnown ? 1 : 0);
      }
    }
    for (const [code, total] of trusts.closedByCode) closed.setTotal({ code }, total);
  });
}

function staleOf(kind: RevocationMeans, { means }: DomainMeans, stale: readonly string[]): boolean {
  return evidenceOf(means).some((one) => one.means === kind && stale.includes(one.source));
}

function evidenceOf(means: DomainMeans['means']): readonly StatusEvidence[] {
  return (means?.trustOptions.statusChecks ?? []).flatMap((check) => check.evidence());
}

function feedReport({ revocations, settings: { afterLease } }: OpenFeed, now: number): FeedReport {
  const { number, freshUntil } = revocations.current();
  return {
    ...{ number, isFresh: freshUntil > now, afterLease },
    freshUntil: freshUntil > 0 ? toRfc3339(freshUntil) : undefined,
  };
}

function isStale({ thisUpdate, freshUntil }: StatusEvidence, now: number): boolean {
  return thisUpdate === undefined || (freshUntil !== undefined && freshUntil <= now);
}

interface Bounds {
  readonly feed: OpenFeed | undefined;
  readonly asked: readonly RevocationMeans[];
  readonly soft: boolean;
}

/** Of what never came nobody is let in by, so it bounds nothing; the rest is relied upon from when it was made until it ends. */
function worstSecondsOf({ feed, asked, soft }: Bounds, evidence: readonly StatusEvidence[]): number | undefined {
  if (soft || (feed === undefined && asked.length === 0)) return undefined;
  const state = feed?.revocations.current();
  if (feed?.settings.afterLease === 'continue') return undefined;
  const bounds = evidence
    .filter(({ thisUpdate }) => thisUpdate !== undefined)
    .map(({ thisUpdate, freshUntil, nextUpdate }) => (freshUntil ?? nextUpdate ?? Infinity) - (thisUpdate ?? 0));
  const longestMs = Math.max(state instanceof RevocationState ? state.leaseMs : 0, ...bounds);
  return Number.isFinite(longestMs) ? Math.ceil(longestMs / 1000) : undefined;
}
