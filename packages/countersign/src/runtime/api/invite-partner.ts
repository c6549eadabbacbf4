/** `POST /v1/partners/invitations`: registers a partner where it is new, and makes a link and a code with which it gets a certificate, once. */
import { z } from 'zod';

import type { PartnerLimits } from '../../identity/partners/index.ts';
import { rfc3339Text } from './fields.ts';
import type { Operation } from './operation.ts';
import { partnerContacts, partnerLimits, partnerName, partnerRoutes } from './partner-fields.ts';

/** For a partner that is registered, without routes, limits and contacts: another certificate, and nothing else. */
export interface InvitePartnerRequest {
  name: string;
  routes?: string[] | '*' | undefined;
  limits?: PartnerLimits | undefined;
  contacts?: string[] | undefined;
  /** How long the code can be used. */
  lifeSeconds: number;
  certificateLifeSeconds?: number | undefined;
}

export interface InvitePartnerResponse {
  /** The identity that its certificates will have. */
  spiffeId: string;
  /** No secret. */
  link: string;
  /** What proves it; kept by nobody else. */
  code: string;
  expires: string;
  /** SHA-256 of the root's PEM text, as `GET /v1/roots/pem` gives it. */
  rootPemSha256: string;
  registered: boolean;
}

export const invitePartner: Operation<InvitePartnerRequest, InvitePartnerResponse> = {
  method: 'POST',
  path: '/v1/partners/invitations',
  summary: 'Register a partner where it is new, and make a link and a code, good once for a certificate of its own',
  request: z.strictObject({
    name: partnerName,
    routes: partnerRoutes.optional(),
    limits: partnerLimits.optional(),
    contacts: partnerContacts.optional(),
    lifeSeconds: z.int().min(1),
    certificateLifeSeconds: z.int().min(1).optional(),
  }),
  response: z.object({
    spiffeId: z.string(),
    link: z.string().max(8192),
    code: z.string().max(200),
    expires: rfc3339Text,
    rootPemSha256: z.string(),
    registered: z.boolean(),
  }),
};
