/** `GET /v1/metrics` for who may see everything: no listener of its own is needed for it. */
import { authorityMetrics } from '../../runtime/api/index.ts';
import { exposition, type Metrics } from '../../runtime/telemetry/index.ts';
import { PlainText } from './plain-text.ts';
import type { Route } from './route.ts';

export function metricsRoute(metrics: Metrics): Route {
  const { method, path, summary } = authorityMetrics;
  return {
    method,
    path,
    described: {
      summary,
      headers: { accept: { what: 'OpenMetrics where it is asked for', required: false } },
      answers: 'text/plain',
    },
    who: 'auditor',
    answer: async (_, { accept }) => {
      const { text, contentType } = exposition(await metrics.read(), accept);
      return new PlainText(text, contentType);
    },
  };
}
