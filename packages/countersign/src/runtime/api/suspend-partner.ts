/** `POST /v1/partners/suspensions`: a partner's certificates are held, its connections closed, and it gets no further ones until it is resumed. */
import { z } from 'zod';

import type { Operation } from './operation.ts';
import { partnerName, suspensionReason } from './partner-fields.ts';
import { enforcementFields, largestEnforcementBytes, type RevokeResponse } from './revoke.ts';

export interface SuspendPartnerRequest {
  name: string;
  reason?: string | undefined;
}

export const suspendPartner: Operation<SuspendPartnerRequest, RevokeResponse> = {
  method: 'POST',
  path: '/v1/partners/suspensions',
  summary: 'Suspend a partner, wait for the endpoints, and say where it is in force',
  request: z.strictObject({ name: partnerName, reason: suspensionReason.optional() }),
  response: enforcementFields,
  responseBytes: largestEnforcementBytes,
};
