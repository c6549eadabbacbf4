/** `GET /v1/metrics`: the authority's metrics as text, in Prometheus' format 0.0.4 or OpenMetrics 1.0 as `Accept` asks. */
import { z } from 'zod';

import { empty, type Empty, type Operation } from './operation.ts';

/** For scrapers, which need no client of ours: the answer is not JSON. */
export const authorityMetrics: Operation<Empty, string> = {
  method: 'GET',
  path: '/v1/metrics',
  summary: "The authority's metrics, for scrapers",
  request: empty,
  response: z.string(),
};
