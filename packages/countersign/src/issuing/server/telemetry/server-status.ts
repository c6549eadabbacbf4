/** The answer of `GET /v1/status`: how the authority is, for a person or a program that may know. */
import { type Clock, toRfc3339 } from '../../../ground/clock/index.ts';
import type { Certificate } from '../../../identity/x509/index.ts';
import type { AuthorityStatus } from '../../../runtime/api/index.ts';
import { sha256Hex } from '../../../runtime/cryptography/index.ts';
import type { Source } from '../../../runtime/tls/index.ts';
import type { ProfileSet } from '../../authority/index.ts';
import type { Readiness } from './readiness.ts';
import type { ServerState } from './server-state.ts';
import { hasAnswered, type PublishedFigures } from './published-figures.ts';
import { endpointMeans } from './endpoint-means.ts';
import { revocationMeans } from './revocation-means.ts';
import type { ServerTelemetry } from './server-telemetry.ts';
import { warningsOf } from './warnings.ts';

export interface StatusParts {
  readonly url: () => string;
  readonly rootSha256: string;
  readonly trustDomain: string;
  readonly version: string;
  readonly sinceMs: number;
  readonly state: ServerState;
  readonly readiness: Readiness;
  readonly telemetry: ServerTelemetry;
  readonly clock: Clock;
  readonly profiles: Source<ProfileSet>;
  /** The one that waits for the next start. */
  readonly nextIssuer: () => Promise<Certificate | undefined>;
}

export async function serverStatus(parts: StatusParts): Promise<Omit<AuthorityStatus, 'persons'>> {
  const { state, readiness, telemetry, clock } = parts;
  const nowMs = clock.now();
  const { ready, reasons } = await readiness.assess();
  // A database that does not answer is a reason, and must not be the only thing that is told.
  const storage = await state.storage(true).catch(() => undefined);
  const next = await parts.nextIssuer();
  const { issuerNotAfterMs, own } = state;
  const counted = state.endpoints();
  const { worst, ...endpoints } = counted;
  const { leaseMs, heartbeatMs } = state.lease;
  const lastBackupMs = storage?.lastBackupMs;
  return {
    url: parts.url(),
    root: parts.rootSha256,
    trustDomain: parts.trustDomain,
    pid: process.pid,
    version: parts.version,
    since: toRfc3339(parts.sinceMs),
    ready,
    reasons: reasons.map(({ code, title, remedy, evidence }) => ({
      code,
      title,
      remedy,
      evidence: Object.fromEntries(Object.entries(evidence).map(([name, fact]) => [name, String(fact)])),
    })),
    warnings: warningsOf({ nowMs, issuerNotAfterMs, storage, clockWentBackMs: telemetry.clockWentBackMs, own }),
    issuerNotAfter: toRfc3339(issuerNotAfterMs),
    ...(next === undefined
      ? {}
      : { nextIssuer: { certificate: sha256Hex(next.raw), notAfter: toRfc3339(next.notAfter) } }),
    feedNumber: state.feedNumber,
    endpoints: {
      ...endpoints,
      ...(worst === undefined ? {} : { worst: { name: worst.name, until: toRfc3339(worst.untilMs) } }),
    },
    lease: { seconds: leaseMs / 1000, heartbeatSeconds: heartbeatMs / 1000 },
    revocation: revocationMeans({ endpoints: counted, leaseMs, profiles: parts.profiles.current() }),
    ...endpointMeans(state.holders()),
    ...publishedStatus(state.published),
    memoryBytes: process.memoryUsage.rss(),
    ...(storage === undefined
      ? {}
      : {
          certificates: { ...storage.certificates },
          database: {
            bytes: storage.databaseBytes,
            walBytes: storage.walBytes,
            diskFreeBytes: storage.diskFreeBytes,
            diskBytes: storage.diskBytes,
          },
        }),
    ...(lastBackupMs === undefined ? {} : { lastBackup: toRfc3339(lastBackupMs) }),
  };
}

function publishedStatus({ lists, ocsp }: Partial<PublishedFigures> = {}): Pick<AuthorityStatus, 'lists' | 'ocsp'> {
  return {
    ...(lists === undefined
      ? {}
      : {
          lists: {
            entries: lists.entries,
            thisUpdate: toRfc3339(lists.thisUpdateMs),
            nextUpdate: toRfc3339(lists.nextUpdateMs),
          },
        }),
    ...(ocsp === undefined || !hasAnswered(ocsp) ? {} : { ocsp: { ...ocsp.answers, kept: ocsp.kept } }),
  };
}
