/** `POST /v1/tokens`: a one-time enrolment token. */
import { z } from 'zod';

import { subjectNames } from './fields.ts';
import type { Operation } from './operation.ts';

export interface CreateTokenRequest {
  names: string[];
  /** How long the token can be used. */
  lifeSeconds: number;
  /** How long its certificates live; default the profile's. */
  certificateLifeSeconds?: number | undefined;
}

export interface CreateTokenResponse {
  token: string;
}

export const createToken: Operation<CreateTokenRequest, CreateTokenResponse> = {
  method: 'POST',
  path: '/v1/tokens',
  summary: 'Make a one-time enrolment token',
  request: z.strictObject({
    names: subjectNames,
    lifeSeconds: z.int().min(1),
    certificateLifeSeconds: z.int().min(1).optional(),
  }),
  response: z.object({ token: z.string().min(1).max(32_768) }),
};
