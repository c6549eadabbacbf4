/** By which means beside the feed a revocation reaches which endpoint, and after how long at worst, by what the endpoints tell. */
import { parseRfc3339 } from '../../../ground/clock/index.ts';
import type {
  AuthorityStatus,
  ReportedSource,
  StatusEndpointMeans,
  StatusReport,
  StatusSource,
} from '../../../runtime/api/index.ts';
import type { Holder } from '../endpoints.ts';

/** An answer of `status` with so many reports of the largest size stays under its 1 MiB. */
const mostListed = 32;

export function endpointMeans(
  holders: readonly Pick<Holder, 'spiffeId' | 'endpoint' | 'means'>[],
): Pick<AuthorityStatus, 'endpointMeans'> {
  const all = holders.flatMap(({ spiffeId: name, endpoint, means }) =>
    means === undefined ? [] : [{ name, endpoint, ...exposureOf(means) }],
  );
  const longestFirst = all.toSorted((one, other) => boundOf(other) - boundOf(one));
  const [worst] = longestFirst;
  if (worst === undefined) return {};
  return {
    endpointMeans: {
      reporting: all.length,
      ...bounded(boundOf(worst)),
      endpoints: longestFirst.slice(0, mostListed),
    },
  };
}

function exposureOf({ undetermined, sources }: StatusReport): Omit<StatusEndpointMeans, 'name' | 'endpoint'> {
  // Who lets in of whom nothing is known does so for as long as somebody keeps lists and answers from it.
  const worst = undetermined === 'refuse' ? Math.max(...sources.map(secondsOf)) : Number.POSITIVE_INFINITY;
  return { undetermined, sources: sources.map(shown), ...bounded(worst) };
}

function shown(source: ReportedSource): StatusSource {
  return source.thisUpdate === undefined ? source : { ...source, ...bounded(secondsOf(source)) };
}

/** What was revoked just after it was made is accepted for as long as it is relied upon; by what never came, nobody is. */
function secondsOf({ thisUpdate, nextUpdate, freshUntil }: ReportedSource): number {
  if (thisUpdate === undefined) return 0;
  const end = freshUntil ?? nextUpdate;
  if (end === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(0, Math.ceil((timeOf(end) - timeOf(thisUpdate)) / 1000));
}

function timeOf(text: string): number {
  return parseRfc3339(text) ?? Number.NaN;
}

function boundOf({ worstSeconds }: { readonly worstSeconds?: number | undefined }): number {
  return worstSeconds ?? Number.MAX_VALUE;
}

function bounded(seconds: number): { worstSeconds?: number } {
  return seconds < Number.MAX_VALUE ? { worstSeconds: seconds } : {};
}
