/** What will be trouble if nobody does anything: told while there is time. */
import { toRfc3339 } from '../../../ground/clock/index.ts';
import type { StatusWarning } from '../../../runtime/api/index.ts';
import type { StoreMeasure } from '../store-vitals.ts';

const dayMs = 24 * 3_600_000;

/** A month: time for a ceremony that needs several people. Own choice. */
const issuerSoonMs = 30 * dayMs;

/** A twentieth, and never less than 100 MiB: SQLite needs room for its log beside the database. Own choice. */
const leastFreePart = 0.05;
const leastFreeBytes = 100 * 1024 * 1024;

/** A clock that went back is told for a day. */
const clockMs = dayMs;

export interface WarningFacts {
  readonly nowMs: number;
  readonly issuerNotAfterMs: number;
  readonly storage: StoreMeasure | undefined;
  readonly clockWentBackMs: number | undefined;
  /** The authority's own certificates, which should renew themselves at half of their life. */
  readonly own: readonly { readonly profile: string; readonly notAfterMs: number }[];
}

export function warningsOf(facts: WarningFacts): StatusWarning[] {
  const { nowMs, issuerNotAfterMs, storage, clockWentBackMs, own } = facts;
  const warnings: StatusWarning[] = [];
  if (issuerNotAfterMs - nowMs < issuerSoonMs)
    warnings.push({ about: 'issuer', text: `the issuer expires ${toRfc3339(issuerNotAfterMs)}: rotate it before` });
  if (storage !== undefined && isNearlyFull(storage)) {
    const free = Math.floor(storage.diskFreeBytes / 1024 / 1024);
    warnings.push({ about: 'disk', text: `${String(free)} MiB are left where the database is: make room` });
  }
  if (clockWentBackMs !== undefined && nowMs - clockWentBackMs < clockMs)
    warnings.push({
      about: 'clock',
      text: `the clock went back at ${toRfc3339(clockWentBackMs)}: see to its time service`,
    });
  for (const { profile, notAfterMs } of own)
    if (notAfterMs <= nowMs)
      warnings.push({
        about: 'own-certificate',
        text: `its own certificate (${profile}) expired ${toRfc3339(notAfterMs)}`,
      });
  return warnings;
}

function isNearlyFull({ diskFreeBytes, diskBytes }: StoreMeasure): boolean {
  return diskBytes > 0 && (diskFreeBytes < leastFreeBytes || diskFreeBytes < diskBytes * leastFreePart);
}
