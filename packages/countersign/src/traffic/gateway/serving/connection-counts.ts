/** How many connections were refused, and closed later, by the code that says why. */
import { type Refusal, registry } from '../../../ground/errors/index.ts';
import type { Metrics } from '../../../runtime/telemetry/index.ts';

type Decision = 'refused' | 'closed';

export class ConnectionCounts {
  readonly #counts: Readonly<Record<Decision, Map<string, number>>> = { refused: new Map(), closed: new Map() };

  /** A listener that counts what it hears before it passes it on. */
  counting<Rest extends readonly unknown[]>(
    decision: Decision,
    listener: (refusal: Refusal, ...rest: Rest) => void,
  ): (refusal: Refusal, ...rest: Rest) => void {
    const counts = this.#counts[decision];
    return (refusal, ...rest) => {
      counts.set(refusal.code, (counts.get(refusal.code) ?? 0) + 1);
      listener(refusal, ...rest);
    };
  }

  observe(metrics: Metrics): void {
    const counter = metrics.counter<'decision' | 'code'>({
      name: 'countersign_gateway_connections_ended',
      help: 'Connections that the log says were refused (for what they did, too), and closed, by the code that says why.',
      labels: { decision: ['refused', 'closed'], code: [...registry.keys()] },
    });
    metrics.beforeRead(() => {
      for (const decision of ['refused', 'closed'] as const)
        for (const [code, total] of this.#counts[decision]) counter.setTotal({ decision, code }, total);
    });
  }
}
