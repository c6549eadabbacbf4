/** The figures of a running gateway as metrics: its connections and requests, its configuration, and the targets of its upstreams. */
import { type Metrics, readGauge } from '../../../runtime/telemetry/index.ts';
import type { UpstreamPools } from '../upstreams.ts';

export interface Operation {
  readonly gateway: { readonly connections: number; readonly underWay: number; readonly generation: number };
  readonly pools: Pick<UpstreamPools, 'figures' | 'changes'>;
}

export function observeOperation(metrics: Metrics, { gateway, pools }: Operation): void {
  readGauge(metrics, {
    name: 'countersign_gateway_connections',
    help: 'Open connections of callers, those in a handshake included.',
    ask: () => gateway.connections,
  });
  readGauge(metrics, {
    name: 'countersign_gateway_requests_under_way',
    help: 'Requests that are being relayed.',
    ask: () => gateway.underWay,
  });
  readGauge(metrics, {
    name: 'countersign_gateway_generation',
    help: 'Grows by one with each configuration that was taken.',
    ask: () => gateway.generation,
  });
  /** Asked for with each value that is set: collected once for a reading. */
  let [upstreams, targets]: readonly [readonly string[], readonly string[]] = [[], []];
  const labels = { upstream: () => upstreams, target: () => targets };
  const well = metrics.gauge({
    name: 'countersign_gateway_target_well',
    help: 'Whether a target of an upstream is asked: 1, or 0 while it is left out.',
    labels,
  });
  const asked = metrics.gauge({
    name: 'countersign_gateway_target_requests_under_way',
    help: 'Requests under way at a target.',
    labels,
  });
  const changes = metrics.counter({
    name: 'countersign_gateway_target_changes',
    help: 'How often a target of an upstream was left out, and how often it came back.',
    labels: { ...labels, to: ['left out', 'well'] },
  });
  metrics.beforeRead(() => {
    const figures = pools.figures();
    upstreams = [...new Set(figures.map(({ upstream }) => upstream))];
    targets = [...new Set(figures.map(({ target }) => target))];
    for (const { upstream, target, isWell, underWay: there } of figures) {
      well.set({ upstream, target }, isWell ? 1 : 0);
      asked.set({ upstream, target }, there);
      const { left, back } = pools.changes.of(upstream, target);
      changes.setTotal({ upstream, target, to: 'left out' }, left);
      changes.setTotal({ upstream, target, to: 'well' }, back);
    }
  });
}
