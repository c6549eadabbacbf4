/** Looks on while requests are answered: which route, which status, how long; and a span of each. */
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Clock } from '../../../ground/clock/index.ts';
import type { Span, Tracing } from '../../../runtime/telemetry/index.ts';
import { otherValue } from '../../../runtime/telemetry/index.ts';
import type { AuthorityMetrics } from './authority-metrics.ts';

export interface ObservedRequest {
  /** Runs what answers it, so that what is done meanwhile belongs to the request. */
  within<T>(work: () => T): T;
  refused(code: string): void;
}

/** @param route as the table has it; `undefined` where there is none */
export type ObserveRequest = (
  request: IncomingMessage,
  response: ServerResponse,
  route: { readonly name: string; readonly streams: boolean } | undefined,
) => ObservedRequest;

export function observeRequests(metrics: AuthorityMetrics, tracing: Tracing, clock: Clock): ObserveRequest {
  return (request, response, route) => {
    const beganMs = clock.monotonic();
    const name = route?.name ?? otherValue;
    const span = startSpan(tracing, request, name);
    response.once('close', () => {
      const status = String(response.statusCode);
      metrics.requests.add({ route: name, status });
      if (route?.streams !== true)
        metrics.requestSeconds.observe({ route: name }, (clock.monotonic() - beganMs) / 1000);
      // Semantic conventions of OpenTelemetry for HTTP servers.
      span.set({ 'http.response.status_code': response.statusCode });
      span.end();
    });
    return { within: (work) => tracing.within(span, work), refused: (code) => span.fail(code) };
  };
}

function startSpan(tracing: Tracing, { headers, method }: IncomingMessage, name: string): Span {
  const { traceparent } = headers;
  return tracing.start(name, {
    kind: 'server',
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
    attributes: {
      'http.request.method': name === otherValue ? '_OTHER' : (method ?? ''),
      'http.route': name.split(' ')[1] ?? '',
    },
  });
}
