/** How long what is kept where the settings do not say, and the least that other parts of the authority rest on. */
import type { TidySettings } from './settings/tidy-settings.ts';
import type { TidyRules } from './store-keeper.ts';

const dayMs = 24 * 3_600_000;

/**
 * Certificates 30 days after expiry: a month's question "who was that last week?" is answered by `list`; later ones by the audit log.
 * Revocations as long. Tokens 7 days: whoever comes late is told that the token has expired or was used, and when, not that there is none.
 * Intents 395 days, a year and a month: no certificate that may have been signed with one outlives its issuer, whose life is a year.
 * Endpoints 2 days: twice the longest lease of the feed. 1,000 changes: ten times those that an endpoint is told one by one.
 */
export const defaultTidyRules: TidyRules = {
  certificatesMs: 30 * dayMs,
  revocationsMs: 30 * dayMs,
  tokensMs: 7 * dayMs,
  intentsMs: 395 * dayMs,
  endpointsMs: 2 * dayMs,
  feedChanges: 1000,
};

/** Days, as a person sets them, are milliseconds here. */
export function tidyRulesOf({ certificateDays, revocationDays, tokenDays }: TidySettings): Partial<TidyRules> {
  return {
    ...(certificateDays === undefined ? {} : { certificatesMs: certificateDays * dayMs }),
    ...(revocationDays === undefined ? {} : { revocationsMs: revocationDays * dayMs }),
    ...(tokenDays === undefined ? {} : { tokensMs: tokenDays * dayMs }),
  };
}

/**
 * What was asked for, and no less than what is still of use: a certificate that can be renewed after expiry, an endpoint that may hold a lease, the
 * changes that are told one by one.
 * @param renewableMs the longest time after expiry for which any profile renews
 * @param leaseMs the feed's lease
 * @param listMs the life of revocation lists, one of which still has an entry after its certificate has expired (RFC 5280, 3.3)
 */
export function tidyRules(
  asked: Partial<TidyRules> | undefined,
  renewableMs: number,
  leaseMs: number,
  listMs: number = 0,
): TidyRules {
  const rules = { ...defaultTidyRules, ...asked };
  // A day more: for a clock that is set, and for an answer that is asked for again.
  return {
    ...rules,
    certificatesMs: Math.max(rules.certificatesMs, renewableMs + dayMs),
    revocationsMs: Math.max(rules.revocationsMs, renewableMs + dayMs, listMs + dayMs),
    endpointsMs: Math.max(rules.endpointsMs, leaseMs + dayMs),
    feedChanges: Math.max(rules.feedChanges, leastFeedChanges),
  };
}

/** As many as an endpoint is told one by one, see `Feed`. */
const leastFeedChanges = 100;
