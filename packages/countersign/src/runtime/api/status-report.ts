/** What an endpoint tells the authority of the lists and responders that it asks beside the feed: bounded, since whoever follows may say it. */
import { z } from 'zod';

import { rfc3339Text } from './fields.ts';

/** A list, a responder or a staple, as the endpoint holds it now. */
export interface ReportedSource {
  means: 'crl' | 'ocsp' | 'staple';
  /** The file or the address; the first characters of a long one. */
  source: string;
  /** Whose certificates it speaks of; absent before anything came. */
  issuer?: string | undefined;
  thisUpdate?: string | undefined;
  nextUpdate?: string | undefined;
  /** Until when the endpoint relies on it; absent where nothing ends that. */
  freshUntil?: string | undefined;
  /** The code of why the latest attempt to fetch it failed, where it did. */
  failure?: string | undefined;
}

export interface StatusReport {
  /** What becomes of a peer of which no means knows. */
  undetermined: 'refuse' | 'letInUnlessKnownRevoked';
  /** Those that are relied upon for longest, where there are more. None: nothing is held any more. */
  sources: ReportedSource[];
}

/** A corporate authority has a few issuers, each with a list or a responder. Own choice. */
export const mostReportedSources = 16;

/** An address or a name (RFC 5280's upper bounds are 64 to 128 for each part of it) is mostly shorter. Own choice. */
export const longestReportedText = 200;

/** It is shown on terminals: without control characters (C0, DEL, C1). */
const reportedText = z
  .string()
  .min(1)
  .max(longestReportedText)
  .regex(/^\P{Cc}*$/u, 'text without control characters');

const refusalCode = z
  .string()
  .max(32)
  .regex(/^CS-[A-Z0-9]+-[0-9]{3}$/, 'the code of a refusal');

export const statusReport: z.ZodType<StatusReport> = z.strictObject({
  undetermined: z.enum(['refuse', 'letInUnlessKnownRevoked']),
  sources: z
    .array(
      z.strictObject({
        means: z.enum(['crl', 'ocsp', 'staple']),
        source: reportedText,
        issuer: reportedText.optional(),
        thisUpdate: rfc3339Text.optional(),
        nextUpdate: rfc3339Text.optional(),
        freshUntil: rfc3339Text.optional(),
        failure: refusalCode.optional(),
      }),
    )
    .max(mostReportedSources),
});
