/** The answers at hand as `status` shows them: one line for each responder and issuer, whose oldest answer counts. */
import type { Clock } from '../../../ground/clock/index.ts';
import type { StatusEvidence } from '../../../runtime/tls/index.ts';
import type { CacheEntry } from './answer-cache.ts';

export function evidenceOf(entries: Iterable<CacheEntry>, clock: Clock): StatusEvidence[] {
  const lines = new Map<string, StatusEvidence>();
  for (const entry of entries) {
    const line = lineOf(entry, clock);
    const key = `${line.means} ${line.source} ${entry.subject.issuerKey}`;
    const known = lines.get(key);
    lines.set(key, known === undefined ? line : joined(known, line));
  }
  return [...lines.values()];
}

function lineOf({ subject, held, failure, refreshAt }: CacheEntry, clock: Clock): StatusEvidence {
  return {
    means: held?.means ?? 'ocsp',
    source: held?.source ?? subject.urls[0] ?? 'none',
    issuer: subject.certificate.issuer.text,
    thisUpdate: held?.answer.thisUpdate,
    nextUpdate: held?.answer.nextUpdate,
    freshUntil: held?.end,
    fetchedAt: held?.heldSince,
    nextFetchAt: refreshAt === undefined ? undefined : clock.now() + Math.max(0, refreshAt - clock.monotonic()),
    failure,
  };
}

function joined(one: StatusEvidence, other: StatusEvidence): StatusEvidence {
  const oldest = (other.thisUpdate ?? Infinity) < (one.thisUpdate ?? Infinity) ? other : one;
  return {
    ...oldest,
    freshUntil: least(one.freshUntil, other.freshUntil),
    nextFetchAt: least(one.nextFetchAt, other.nextFetchAt),
    failure: one.failure ?? other.failure,
  };
}

function least(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
