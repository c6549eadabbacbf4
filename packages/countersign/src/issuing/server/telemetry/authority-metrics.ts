/** The metrics of an authority, defined. docs/telemetry.md has each of them; a test compares. */
import { registry } from '../../../ground/errors/index.ts';
import type { Counter, Gauge, Histogram, LabelValues, Metrics } from '../../../runtime/telemetry/index.ts';
import { ocspKinds } from '../../ocsp/index.ts';

export interface AuthorityMetrics {
  readonly build: Gauge<'version' | 'node'>;
  readonly ready: Gauge;
  readonly issued: Counter<'profile' | 'way'>;
  readonly refusals: Counter<'code'>;
  readonly requests: Counter<'route' | 'status'>;
  readonly requestSeconds: Histogram<'route'>;
  readonly stageSeconds: Histogram<'stage'>;
  readonly batchSize: Histogram;
  readonly queue: Gauge;
  readonly certificates: Gauge<'state'>;
  readonly expiry: Gauge<'certificate'>;
  readonly databaseBytes: Gauge;
  readonly walBytes: Gauge;
  readonly diskFreeBytes: Gauge;
  readonly auditSequence: Gauge;
  readonly feedNumber: Gauge;
  readonly endpoints: Gauge<'state'>;
  readonly exposureSeconds: Gauge;
  readonly ocspAnswers: Counter<'status'>;
  readonly ocspKept: Gauge;
  readonly listAge: Gauge;
  readonly listLeft: Gauge;
  readonly listEntries: Gauge;
  readonly listBuild: Gauge;
  readonly handshakes: Counter<'outcome'>;
  readonly connections: Gauge;
  readonly clockWentBack: Counter;
  readonly spansLost: Counter;
}

export interface MetricsQuestion {
  /** Names of the profiles, which are settings. */
  readonly profiles: () => readonly string[];
  /** `POST /v1/enroll` and its like. */
  readonly routes: () => readonly string[];
  readonly version: string;
}

/** Statuses that are answered; the registry knows those of refusals. */
const statuses: LabelValues = [...new Set([200, ...[...registry.values()].map(({ http }) => http)])].map(String).sort();

/** 1 ms to 10 s: an enrolment takes a few milliseconds, a revocation waits 5 s for endpoints by default. */
const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** 50 µs to 1 s: a signature takes 0.1 ms, a sync of a disk from 0.1 ms to a second on one that is ill. */
const stageBuckets = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

export function authorityMetrics(metrics: Metrics, { profiles, routes, version }: MetricsQuestion): AuthorityMetrics {
  const build = metrics.gauge<'version' | 'node'>({
    name: 'countersign_build_info',
    help: 'Which program this is; always 1.',
    labels: { version: [version], node: [process.version] },
  });
  build.set({ version, node: process.version }, 1);
  return {
    build,
    ...ofIssuing(metrics, profiles),
    ...ofRequests(metrics, routes),
    ...ofState(metrics),
    ...ofPublishing(metrics),
  };
}

function ofIssuing(
  metrics: Metrics,
  profiles: () => readonly string[],
): Pick<AuthorityMetrics, 'ready' | 'issued' | 'stageSeconds' | 'batchSize' | 'queue' | 'clockWentBack'> {
  return {
    ready: metrics.gauge({
      name: 'countersign_ready',
      help: 'Whether a certificate could be issued now: 1 or 0.',
    }),
    issued: metrics.counter<'profile' | 'way'>({
      name: 'countersign_certificates_issued',
      help: 'Certificates that were issued.',
      labels: { profile: profiles, way: ['enrolled', 'renewed', 'renewed-after-expiry', 'own'] },
    }),
    stageSeconds: metrics.histogram<'stage'>({
      name: 'countersign_issue_stage_duration_seconds',
      unit: 'seconds',
      help: 'How long a batch took to record what will be signed (intent), to sign, and to store.',
      labels: { stage: ['intent', 'sign', 'store'] },
      buckets: stageBuckets,
    }),
    batchSize: metrics.histogram({
      name: 'countersign_issue_batch_size',
      help: 'Certificates that shared one sync of the disk.',
      buckets: [1, 2, 4, 8, 16, 32, 64],
    }),
    queue: metrics.gauge({
      name: 'countersign_issue_queue_depth',
      help: 'Certificates that are being issued or wait for it.',
    }),
    clockWentBack: metrics.counter({
      name: 'countersign_clock_went_back',
      help: 'How often the clock was seen to have gone back by more than a second.',
    }),
  };
}

function ofRequests(
  metrics: Metrics,
  routes: () => readonly string[],
): Pick<AuthorityMetrics, 'refusals' | 'requests' | 'requestSeconds' | 'handshakes' | 'connections' | 'spansLost'> {
  return {
    refusals: metrics.counter<'code'>({
      name: 'countersign_refusals',
      help: 'Requests, connections and callers that were refused.',
      labels: { code: [...registry.keys()] },
    }),
    requests: metrics.counter<'route' | 'status'>({
      name: 'countersign_http_requests',
      help: 'Requests that were answered.',
      labels: { route: routes, status: statuses },
    }),
    requestSeconds: metrics.histogram<'route'>({
      name: 'countersign_http_request_duration_seconds',
      unit: 'seconds',
      help: 'From the header of a request to the end of its answer; streams of the feed are not counted.',
      labels: { route: routes },
      buckets: requestBuckets,
    }),
    handshakes: metrics.counter<'outcome'>({
      name: 'countersign_tls_handshakes',
      help: 'TLS handshakes; refused ones with the certificates that were refused after them.',
      labels: { outcome: ['ok', 'refused'] },
    }),
    connections: metrics.gauge({
      name: 'countersign_tls_connections',
      help: 'Open connections, those in a handshake included.',
    }),
    spansLost: metrics.counter({
      name: 'countersign_trace_spans_lost',
      help: 'Spans that the collector did not take.',
    }),
  };
}

function ofState(
  metrics: Metrics,
): Pick<
  AuthorityMetrics,
  | 'certificates'
  | 'expiry'
  | 'databaseBytes'
  | 'walBytes'
  | 'diskFreeBytes'
  | 'auditSequence'
  | 'feedNumber'
  | 'endpoints'
  | 'exposureSeconds'
> {
  return {
    certificates: metrics.gauge<'state'>({
      name: 'countersign_certificates',
      help: 'Certificates in the database; counted twice a minute at most.',
      labels: { state: ['valid', 'expired', 'revoked'] },
    }),
    expiry: metrics.gauge<'certificate'>({
      name: 'countersign_certificate_expires_seconds',
      unit: 'seconds',
      help: "Time until one of the authority's own certificates expires.",
      labels: { certificate: ['issuer', 'authority-server', 'feed-signing', 'ocsp-signing'] },
    }),
    databaseBytes: metrics.gauge({
      name: 'countersign_database_size_bytes',
      unit: 'bytes',
      help: 'Size of the database.',
    }),
    walBytes: metrics.gauge({
      name: 'countersign_database_wal_size_bytes',
      unit: 'bytes',
      help: "Size of the database's write-ahead log.",
    }),
    diskFreeBytes: metrics.gauge({
      name: 'countersign_disk_free_bytes',
      unit: 'bytes',
      help: 'Room that is left where the database is.',
    }),
    auditSequence: metrics.gauge({
      name: 'countersign_audit_sequence',
      help: 'The number of the latest entry of the audit log.',
    }),
    feedNumber: metrics.gauge({
      name: 'countersign_feed_number',
      help: 'The number of the latest change that the revocation feed has told.',
    }),
    endpoints: metrics.gauge<'state'>({
      name: 'countersign_feed_endpoints',
      help: 'Endpoints that are subscribed, that hold a lease (subscribed or not), and that have not acknowledged the latest change.',
      labels: { state: ['subscribed', 'leased', 'behind'] },
    }),
    exposureSeconds: metrics.gauge({
      name: 'countersign_revocation_exposure_seconds',
      unit: 'seconds',
      help: 'The longest that an endpoint which has not acknowledged the latest change may go on accepting what was revoked.',
    }),
  };
}

function ofPublishing(
  metrics: Metrics,
): Pick<AuthorityMetrics, 'ocspAnswers' | 'ocspKept' | 'listAge' | 'listLeft' | 'listEntries' | 'listBuild'> {
  return {
    ocspAnswers: metrics.counter<'status'>({
      name: 'countersign_ocsp_answers',
      help: 'OCSP answers by what they say; several certificates at once, and errors, apart.',
      labels: { status: ocspKinds },
    }),
    ocspKept: metrics.gauge({
      name: 'countersign_ocsp_signed_ahead',
      help: 'OCSP answers that are signed and wait to be asked for.',
    }),
    listAge: metrics.gauge({
      name: 'countersign_crl_age_seconds',
      unit: 'seconds',
      help: 'Age of the revocation list that covers everything; with several issuers of the oldest.',
    }),
    listLeft: metrics.gauge({
      name: 'countersign_crl_ends_seconds',
      unit: 'seconds',
      help: 'Time until that list ends; with several issuers the shortest.',
    }),
    listEntries: metrics.gauge({
      name: 'countersign_crl_entries',
      help: 'Entries of the revocation lists of all issuers.',
    }),
    listBuild: metrics.gauge({
      name: 'countersign_crl_build_duration_seconds',
      unit: 'seconds',
      help: 'How long the latest lists took, from what had changed to the files; with several issuers the longest.',
    }),
  };
}
