/** `GET /v1/roots`, for anybody: the roots of the authority's trust domain. What first contact compares with the pin. */
import { z } from 'zod';

import { pemText } from './fields.ts';
import { empty, type Empty, type Operation } from './operation.ts';

export interface RootsResponse {
  trustDomain: string;
  /** One certificate in PEM each. */
  roots: string[];
}

export const listRoots: Operation<Empty, RootsResponse> = {
  method: 'GET',
  path: '/v1/roots',
  summary: 'The roots of the trust domain: what first contact compares with its pin',
  request: empty,
  response: z.object({ trustDomain: z.string().min(1).max(255), roots: z.array(pemText).min(1).max(10) }),
};
