/** What is told of each request once it is over, and what is counted of it. */
import type { RefusalCode } from '../../../ground/errors/index.ts';
import { registry } from '../../../ground/errors/index.ts';
import type { Metrics } from '../../../runtime/telemetry/index.ts';

export type AccessDecision = 'allowed' | 'observed' | 'denied';

export interface AccessRecord {
  readonly atMs: number;
  readonly address: string;
  /** The identity that the certificate names; `undefined` for strangers. */
  readonly peer: string | undefined;
  /** `x5t#S256`. */
  readonly thumbprint: string | undefined;
  /** The proxy in front that named the peer, or said that there is none. */
  readonly via: string | undefined;
  /** The trace that the request says it belongs to (W3C Trace Context). */
  readonly traceId: string | undefined;
  readonly partner: string | undefined;
  readonly host: string;
  readonly method: string;
  /** Without the query, which may hold what is nobody's affair. */
  readonly path: string;
  readonly protocol: string;
  readonly route: string | undefined;
  readonly decision: AccessDecision;
  /** Why it was denied, would have been, or failed. */
  readonly code: RefusalCode | undefined;
  readonly status: number | undefined;
  readonly durationMs: number;
}

/** Partners and routes of which the last call is remembered; own choice: about 100 bytes each. */
const mostLastCalls = 100_000;

interface LastCall {
  readonly route: string;
  atMs: number;
}

export class AccessCounts {
  readonly #counts = new Map<string, Map<string, number>>();
  /** By partner and route: strings of the configuration, whose hashes V8 keeps, as it does of none that is put together. */
  readonly #lastCalls = new Map<string, Map<string, LastCall>>();
  #known = 0;
  #requests = 0;

  get requests(): number {
    return this.#requests;
  }

  add({ route, decision, code, partner, atMs }: AccessRecord): void {
    this.#requests += 1;
    const name = route ?? 'none';
    let counts = this.#counts.get(name);
    if (counts === undefined) this.#counts.set(name, (counts = new Map<string, number>()));
    const key = code === undefined ? decision : `${decision} ${code}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if (partner === undefined || route === undefined || decision === 'denied') return;
    const last = this.#lastCalls.get(partner)?.get(route);
    if (last !== undefined) last.atMs = atMs;
    else if (this.#known < mostLastCalls) this.#firstCall(partner, { route, atMs });
  }

  #firstCall(partner: string, call: LastCall): void {
    this.#known += 1;
    const calls = this.#lastCalls.get(partner) ?? new Map<string, LastCall>();
    this.#lastCalls.set(partner, calls);
    calls.set(call.route, call);
  }

  /** By partner and route, milliseconds since 1970. */
  lastCalls(): readonly { readonly partner: string; readonly route: string; readonly atMs: number }[] {
    return [...this.#lastCalls].flatMap(([partner, calls]) =>
      [...calls.values()].map(({ route, atMs }) => ({ partner, route, atMs })),
    );
  }

  /** @param routes the names that a label may have now */
  observe(metrics: Metrics, routes: () => readonly string[]): void {
    const counter = metrics.counter<'route' | 'decision' | 'code'>({
      name: 'countersign_gateway_requests',
      help: 'Requests by route, by what was decided on them, and by the code of what was refused, would have been, or failed.',
      labels: {
        route: () => ['none', ...routes()],
        decision: ['allowed', 'observed', 'denied'],
        code: ['none', ...registry.keys()],
      },
    });
    metrics.beforeRead(() => {
      for (const [route, counts] of this.#counts)
        for (const [key, total] of counts) {
          const [decision = '', code = 'none'] = key.split(' ');
          counter.setTotal({ route, decision, code }, total);
        }
    });
  }
}
