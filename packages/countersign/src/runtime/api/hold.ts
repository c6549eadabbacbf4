/** `POST /v1/holds` and `POST /v1/holds/releases`: revoked until it is released, and released. */
import { z } from 'zod';

import { serialText, subjectName } from './fields.ts';
import type { Operation } from './operation.ts';
import { enforcementFields, largestEnforcementBytes, type RevokeResponse } from './revoke.ts';

/** One of `serial` and `name`, as to revoke. */
export interface HoldRequest {
  serial?: string | undefined;
  name?: string | undefined;
}

/** Any of those held: its line of renewals is released with it. */
export interface ReleaseRequest {
  serial: string;
}

/** What is unreachable refuses the released until it hears of it. */
export type ReleaseResponse = RevokeResponse;

export const holdOperation: Operation<HoldRequest, RevokeResponse> = {
  method: 'POST',
  path: '/v1/holds',
  summary: 'Hold certificates: revoked until they are released; wait for the endpoints, and say where it is in force',
  request: z
    .strictObject({ serial: serialText.optional(), name: subjectName.optional() })
    .refine((body) => (body.serial === undefined) !== (body.name === undefined), 'one of serial and name'),
  response: enforcementFields,
  responseBytes: largestEnforcementBytes,
};

export const releaseOperation: Operation<ReleaseRequest, ReleaseResponse> = {
  method: 'POST',
  path: '/v1/holds/releases',
  summary: 'End the hold of a certificate and of its line of renewals, and say where it is let in again',
  request: z.strictObject({ serial: serialText }),
  response: enforcementFields,
  responseBytes: largestEnforcementBytes,
};
