/** `POST /v1/partners/removals`: a partner's identity is revoked for good, and it is registered no more. */
import { z } from 'zod';

import type { Operation } from './operation.ts';
import { partnerName } from './partner-fields.ts';
import { enforcementFields, largestEnforcementBytes, type RevokeResponse } from './revoke.ts';

export interface RemovePartnerRequest {
  name: string;
}

export const removePartner: Operation<RemovePartnerRequest, RevokeResponse> = {
  method: 'POST',
  path: '/v1/partners/removals',
  summary: "Revoke a partner's identity, forget the partner, and say where it is in force",
  request: z.strictObject({ name: partnerName }),
  response: enforcementFields,
  responseBytes: largestEnforcementBytes,
};
