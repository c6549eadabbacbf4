/** What an operator may look at in a running gateway, of one process or of several. */
import type { MetricFamily, Metrics } from '../../../runtime/telemetry/index.ts';
import type { Gateway } from '../gateway.ts';

export interface Seen {
  readonly status: number;
  readonly value: unknown;
}

export interface AdminView {
  /** @returns `undefined` where there is nothing under this path */
  look(path: string): Seen | undefined | Promise<Seen | undefined>;
  metrics(): Promise<readonly MetricFamily[]>;
}

export function viewOf(gateway: Gateway, metrics: Metrics): AdminView {
  return {
    look: (path) => {
      const { ready, generation, connections, underWay } = gateway;
      if (path === '/readyz') {
        const halted = gateway.evidence.halt.refusal?.code;
        return { status: ready ? 200 : 503, value: { ready, halted, generation, connections, underWay } };
      }
      if (path === '/identity-keys') return { status: 200, value: gateway.identityKeys() };
      if (path === '/last-calls') return { status: 200, value: gateway.counts.lastCalls() };
      if (path === '/status') {
        const { trustReports: trust, registryStatus: registry, evidenceStatus: evidence, targets } = gateway;
        const value = {
          pid: process.pid,
          ready,
          generation,
          connections,
          underWay,
          trust,
          registry,
          evidence,
          targets,
        };
        return { status: 200, value };
      }
      return undefined;
    },
    metrics: () => metrics.read(),
  };
}
