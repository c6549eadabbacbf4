/** What an authority's server tells of itself, put together: its metrics, its traces, and the log that feeds them. */
import { type Clock, toRfc3339 } from '../../../ground/clock/index.ts';
import { Metrics, processMetrics, type Tracing } from '../../../runtime/telemetry/index.ts';
import type { ServerEvent, ServerLog } from '../server-event.ts';
import { type AuthorityMetrics, authorityMetrics } from './authority-metrics.ts';
import { watchClock } from './clock-watch.ts';
import { observeIssuing, type IssuingObserver } from './observe-issuing.ts';
import { observeRequests, type ObserveRequest } from './observe-requests.ts';

export interface ServerTelemetry {
  readonly metrics: Metrics;
  readonly instruments: AuthorityMetrics;
  readonly tracing: Tracing;
  /** Counts each event, and hands it on. */
  readonly log: ServerLog;
  readonly issuing: IssuingObserver;
  readonly request: ObserveRequest;
  /** When the clock was last seen to have gone back, milliseconds since 1970. */
  readonly clockWentBackMs: number | undefined;
  close(): void;
}

export interface ServerTelemetryOptions {
  readonly clock: Clock;
  readonly log: ServerLog;
  readonly tracing: Tracing;
  readonly version: string;
  readonly profiles: () => readonly string[];
  readonly routes: () => readonly string[];
}

export function serverTelemetry(options: ServerTelemetryOptions): ServerTelemetry {
  const { clock, tracing } = options;
  const metrics = new Metrics();
  const instruments = authorityMetrics(metrics, options);
  let clockWentBackMs: number | undefined;
  const log: ServerLog = (event) => {
    count(event, instruments);
    options.log(event);
  };
  const endings = [
    processMetrics(metrics, clock),
    watchClock(clock, (byMs) => {
      clockWentBackMs = clock.now();
      instruments.clockWentBack.add({});
      const why = `it went back by ${String(Math.round(byMs / 1000))} s, to ${toRfc3339(clock.now())}`;
      log({ event: 'failed', what: "the machine's clock", why });
    }),
  ];
  return {
    metrics,
    instruments,
    tracing,
    log,
    issuing: observeIssuing({ metrics: instruments, tracing, clock }),
    request: observeRequests(instruments, tracing, clock),
    get clockWentBackMs() {
      return clockWentBackMs;
    },
    close: () => {
      for (const end of endings) end();
    },
  };
}

function count(event: ServerEvent, { refusals, issued, handshakes }: AuthorityMetrics): void {
  if (event.event === 'refused') {
    refusals.add({ code: event.refusal.code });
    if (event.endpoint === 'connection') handshakes.add({ outcome: 'refused' });
  }
  // An enrolment that is repeated is answered again, not issued again: those are counted where they are stored.
  if (event.event === 'issued' && event.how !== 'enrolled') issued.add({ profile: event.profile, way: event.how });
}
