/** `GET /v1/openapi.json`, for anybody: what the authority answers, described (OpenAPI 3.1). */
import { z } from 'zod';

import { empty, type Empty, type Operation } from './operation.ts';

export type ApiDescription = Record<string, unknown>;

export const describeApi: Operation<Empty, ApiDescription> = {
  method: 'GET',
  path: '/v1/openapi.json',
  summary: 'This description of the API',
  request: empty,
  response: z.record(z.string(), z.unknown()),
};
