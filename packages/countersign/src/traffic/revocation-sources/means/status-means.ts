/** Which means an endpoint asks beside the feed, as plain data that is handed from one process to another, and what becomes of it there. */
import type { Clock } from '../../../ground/clock/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import type { StatusReport } from '../../../runtime/api/index.ts';
import { verifySignature } from '../../../runtime/cryptography/index.ts';
import type { BundleSource, StatusCheck, TrustOptions } from '../../../runtime/tls/index.ts';
import type { ListSource } from '../lists/list-options.ts';
import { openLists } from '../lists/open-lists.ts';
import { openOcsp } from '../ocsp/open-ocsp.ts';
import type { PrivateRanges } from '../retrieve/retrieve-request.ts';
import { exceptOwn } from './except-own.ts';
import { reportOf } from './status-report.ts';

export interface StatusMeans {
  readonly lists: readonly ListSource[];
  /** Whether lists are fetched from where certificates say that theirs are. */
  readonly listsFromCertificates: boolean;
  /** Whether responders are asked: those that certificates name, or one at this address. */
  readonly ocsp: 'none' | 'named' | { readonly responder: string };
  /** As of a trust. */
  readonly undetermined: 'refuse' | 'letInUnlessKnownRevoked';
  /** Whether lists and responders may be at addresses of private ranges. */
  readonly privateRanges: PrivateRanges;
}

export interface StatusMeansOptions {
  readonly clock: Clock;
  /**
   * Where the feed of an authority is followed: the bundles in whose home trust domain its issuers are. What they have issued, the feed tells of, and it is
   * not refused for a list or an answer that nobody has. Without a feed nothing is left to it: what the means don't know is not known.
   */
  readonly toldByFeed: BundleSource | undefined;
  /** Told of a list or an answer that is refused, will be or is out of date, or never came; and, once a minute, of a peer that softness lets in. */
  readonly onWarning?: (warning: Refusal) => void;
}

export interface OpenStatusMeans {
  /** For a trust; nothing where nothing is asked. */
  readonly trustOptions: Pick<TrustOptions, 'statusChecks' | 'undetermined' | 'onLetIn'>;
  /** Resolves when what was being read or fetched at this moment is there, or has failed. */
  settled(): Promise<void>;
  /** For the authority; nothing where nothing is asked. */
  readonly report: () => StatusReport | undefined;
  close(): void;
}

export function openStatusMeans(means: StatusMeans, options: StatusMeansOptions): OpenStatusMeans {
  const { clock, toldByFeed, onWarning } = options;
  const { privateRanges, lists: sources, listsFromCertificates: fromDistributionPoints, ocsp } = means;
  const common = { clock, privateRanges, ...(onWarning && { onWarning }) };
  const lists =
    sources.length > 0 || fromDistributionPoints
      ? openLists({ ...common, verifySignature, sources, fromDistributionPoints })
      : undefined;
  const responders =
    ocsp === 'none' ? undefined : openOcsp({ ...common, ...(ocsp === 'named' ? {} : { responder: ocsp.responder }) });
  const checks: StatusCheck[] = [lists, responders].filter((check) => check !== undefined);
  return {
    trustOptions: {
      ...(checks.length === 0
        ? {}
        : { statusChecks: toldByFeed === undefined ? checks : checks.map((check) => exceptOwn(check, toldByFeed)) }),
      undetermined: means.undetermined,
      ...(onWarning && { onLetIn: onceAMinute(clock, onWarning) }),
    },
    settled: async () => lists?.settled(),
    report: () => {
      if (checks.length === 0) return undefined;
      return reportOf(
        checks.flatMap((check) => check.evidence()),
        means.undetermined,
      );
    },
    close: () => {
      lists?.close();
      responders?.close();
    },
  };
}

/** Who floods an endpoint with connections is told of no more often. Own choice. */
const betweenWarningsMs = 60_000;

function onceAMinute(clock: Clock, warn: (warning: Refusal) => void): (warning: Refusal) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (warning) => {
    if (clock.monotonic() - last < betweenWarningsMs) return;
    last = clock.monotonic();
    warn(warning);
  };
}
