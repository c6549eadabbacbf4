/** `POST /v1/partners/resumptions`: the end of a suspension. */
import { z } from 'zod';

import type { Operation } from './operation.ts';
import { partnerName } from './partner-fields.ts';
import { enforcementFields, largestEnforcementBytes, type RevokeResponse } from './revoke.ts';

export interface ResumePartnerRequest {
  name: string;
}

export const resumePartner: Operation<ResumePartnerRequest, RevokeResponse> = {
  method: 'POST',
  path: '/v1/partners/resumptions',
  summary: 'End the suspension of a partner, and say where it is let in again',
  request: z.strictObject({ name: partnerName }),
  response: enforcementFields,
  responseBytes: largestEnforcementBytes,
};
