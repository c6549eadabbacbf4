/** `GET /v1/metrics` for who may see everything: no listener of its own is needed for it. */
import { authorityMetrics } from '../../runtime/api/index.ts';
import { exposition, type Metrics } from '../../runtime/telemetry/index.ts';
import { PlainText } from './plain-text.ts';
import type { Route } from './route.ts';

export function metricsRoute(metrics: Metrics): Route {
  const { method, path } = authorityMetrics;
  return {
    method,
    path,
    who: 'local-owner',
    answer: async (_, { accept }) => {
      const { text, contentType } = exposition(await metrics.read(), accept);
      return new PlainText(text, contentType);
    },
  };
}
