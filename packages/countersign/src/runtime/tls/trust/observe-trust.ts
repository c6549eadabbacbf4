/** What a trust does, as metrics: what was closed and why, what lives, and what is still to be looked at. */
import { registry } from '../../../ground/errors/index.ts';
import { type Metrics, readGauge } from '../../telemetry/index.ts';
import type { Trust } from './trust.ts';

/** Once for each `Metrics`; they are read from the trust when somebody scrapes. */
export function observeTrust(metrics: Metrics, trust: Trust): void {
  const closed = metrics.counter<'code'>({
    name: 'countersign_tls_closed',
    help: 'Live connections that were closed because their peer no longer passed, expired, or had lived as long as it may.',
    labels: { code: [...registry.keys()].filter((code) => code.startsWith('CS-PEER-')) },
  });
  metrics.beforeRead(() => {
    for (const [code, total] of trust.closedByCode) closed.setTotal({ code }, total);
  });
  readGauge(metrics, {
    name: 'countersign_tls_live_connections',
    help: 'Live connections whose peer was verified.',
    ask: () => trust.connections.size,
  });
  readGauge(metrics, {
    name: 'countersign_tls_trust_epoch',
    help: 'Grows by one with each change of trust bundles, revocations or a policy.',
    ask: () => trust.epoch,
  });
  readGauge(metrics, {
    name: 'countersign_tls_recheck_pending',
    help: 'Live connections that are still to be looked at, or closed, for the changes made so far; they hand nothing on meanwhile.',
    ask: () => trust.pending,
  });
}
