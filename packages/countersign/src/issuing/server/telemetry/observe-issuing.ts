/** Looks on while certificates are issued: how long each stage took, how many shared a batch, how many wait. It changes nothing of it. */
import type { Clock } from '../../../ground/clock/index.ts';
import type { Span, Tracing } from '../../../runtime/telemetry/index.ts';
import type { Authority, IssuanceLedger, IssuedCertificate, IssueRequest } from '../../authority/index.ts';
import type { AuthorityMetrics } from './authority-metrics.ts';

export interface IssuingObserver {
  /** The same ledger, looked at. */
  ledger(ledger: IssuanceLedger): IssuanceLedger;
  /** The same authority, looked at. */
  authority(authority: Authority): Authority;
}

interface Looking {
  readonly metrics: AuthorityMetrics;
  readonly tracing: Tracing;
  readonly clock: Clock;
}

/** A moment on both clocks: spans are told by the one, durations by the other. */
interface Moment {
  readonly atMs: number;
  readonly monotonicMs: number;
}

type Stage = 'intent' | 'sign' | 'store';

export function observeIssuing({ metrics, tracing, clock }: Looking): IssuingObserver {
  /** By origin, which names what a certificate is issued for. */
  const spans = new Map<string, Span>();
  /** When the intent of a serial number was on disk: its signature began then. */
  const recorded = new Map<string, Moment>();
  let waiting = 0;

  const moment = (): Moment => ({ atMs: clock.now(), monotonicMs: clock.monotonic() });
  const tell = (stage: Stage, origins: readonly string[], from: Moment, to: Moment): void => {
    const ms = to.monotonicMs - from.monotonicMs;
    metrics.stageSeconds.observe({ stage }, ms / 1000);
    for (const origin of origins) {
      const parent = spans.get(origin);
      if (parent?.recording === true) tracing.start(stage, { parent, startMs: from.atMs }).end(from.atMs + ms);
    }
  };
  const count = ({ profile, origin }: IssuedCertificate): void => {
    // Renewals are told apart by who answers them.
    if (origin.startsWith('token:')) metrics.issued.add({ profile, way: 'enrolled' });
    else if (origin.startsWith('own:')) metrics.issued.add({ profile, way: 'own' });
  };

  const lookingOn = async <Issued>(request: IssueRequest, issue: () => Promise<Issued>): Promise<Issued> => {
    const { current } = tracing;
    const span = tracing.start('issue', { parent: current, attributes: { profile: request.profile.name } });
    if (span.recording) spans.set(request.origin, span);
    metrics.queue.set({}, ++waiting);
    try {
      return await issue();
    } finally {
      metrics.queue.set({}, --waiting);
      if (spans.get(request.origin) === span) spans.delete(request.origin);
      // What was signed and never stored, for whatever reason, is remembered no longer than until nothing is under way.
      if (waiting === 0) recorded.clear();
      span.end();
    }
  };

  return {
    ledger: (ledger) => ({
      recordIntents: async (...parameters) => {
        const [intents] = parameters;
        const origins = intents.map(({ origin }) => origin);
        const before = moment();
        const outcomes = await ledger.recordIntents(...parameters);
        const after = moment();
        metrics.batchSize.observe({}, intents.length);
        tell('intent', origins, before, after);
        for (const { serialNumber } of intents) recorded.set(serialNumber, after);
        return outcomes;
      },
      recordCertificates: async (...parameters) => {
        const [certificates] = parameters;
        const origins = certificates.map(({ origin }) => origin);
        const signed = moment();
        const [first] = certificates;
        const began = first === undefined ? undefined : recorded.get(first.serialNumber);
        if (began !== undefined) tell('sign', origins, began, signed);
        for (const { serialNumber } of certificates) recorded.delete(serialNumber);
        const outcomes = await ledger.recordCertificates(...parameters);
        tell('store', origins, signed, moment());
        for (const [at, certificate] of certificates.entries()) if (outcomes[at] === 'recorded') count(certificate);
        return outcomes;
      },
      latestIntentMs: () => ledger.latestIntentMs(),
    }),
    authority: (authority) => ({
      ...authority,
      issue: (request) => lookingOn(request, () => authority.issue(request)),
      issueForToken: (token, request) => lookingOn(request, () => authority.issueForToken(token, request)),
    }),
  };
}
