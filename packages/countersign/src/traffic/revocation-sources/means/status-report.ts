/** What the authority is told of the lists and responders that are asked here: those that are relied upon for longest, shortened. */
import { toRfc3339 } from '../../../ground/clock/index.ts';
import {
  longestReportedText,
  mostReportedSources,
  type ReportedSource,
  type StatusReport,
} from '../../../runtime/api/index.ts';
import type { StatusEvidence } from '../../../runtime/tls/index.ts';

export function reportOf(
  evidence: readonly StatusEvidence[],
  undetermined: StatusReport['undetermined'],
): StatusReport {
  const longestFirst = evidence.toSorted((one, other) => reliedMs(other) - reliedMs(one));
  return { undetermined, sources: longestFirst.slice(0, mostReportedSources).map(reportedSource) };
}

function reportedSource(one: StatusEvidence): ReportedSource {
  const { means, source, issuer, failure } = one;
  return {
    means,
    source: shortened(source),
    ...(issuer === undefined || issuer === '' ? {} : { issuer: shortened(issuer) }),
    ...timeAs('thisUpdate', one.thisUpdate),
    ...timeAs('nextUpdate', one.nextUpdate),
    ...timeAs('freshUntil', one.freshUntil),
    ...(failure === undefined ? {} : { failure: failure.code }),
  };
}

/** What has no end that a date can tell has none here. */
function timeAs<Name extends string>(name: Name, ms: number | undefined): { [key in Name]?: string } {
  if (ms === undefined || !(ms >= 0 && ms <= lastTimeMs)) return {};
  return { [name]: toRfc3339(ms) } as { [key in Name]?: string };
}

/** 9999-12-31T23:59:59Z, the last that a certificate can say (RFC 5280, 4.1.2.5). */
const lastTimeMs = 253_402_300_799_000;

function reliedMs({ thisUpdate, nextUpdate, freshUntil }: StatusEvidence): number {
  if (thisUpdate === undefined) return -1;
  // Infinite ones are compared with each other.
  return Math.min((freshUntil ?? nextUpdate ?? lastTimeMs) - thisUpdate, lastTimeMs);
}

function shortened(text: string): string {
  const plain = text.replaceAll(/\p{Cc}/gu, '?') || '?';
  return plain.length <= longestReportedText ? plain : `${plain.slice(0, longestReportedText - 1)}…`;
}
