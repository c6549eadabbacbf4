/** `POST /v1/tokens`: a one-time enrolment token. */
import { z } from 'zod';

import { profileName, subjectNames } from './fields.ts';
import type { Operation } from './operation.ts';

export interface CreateTokenRequest {
  /** Absent: the profile's own names, or those that the request brings, as the profile says. */
  names?: string[] | undefined;
  /** How long the token can be used. */
  lifeSeconds: number;
  /** How long its certificates live; default the profile's. */
  certificateLifeSeconds?: number | undefined;
  /** Default `service`. */
  profile?: string | undefined;
}

export interface CreateTokenResponse {
  token: string;
}

export const createToken: Operation<CreateTokenRequest, CreateTokenResponse> = {
  method: 'POST',
  path: '/v1/tokens',
  summary: 'Make a one-time enrolment token',
  request: z.strictObject({
    names: subjectNames.optional(),
    lifeSeconds: z.int().min(1),
    certificateLifeSeconds: z.int().min(1).optional(),
    profile: profileName.optional(),
  }),
  response: z.object({ token: z.string().min(1).max(32_768) }),
};
