/** `POST /v1/revocations/previews`: what a revocation would cut, before it does. */
import { z } from 'zod';

import type { Operation } from './operation.ts';
import { type RevokeRequest, revokeRequest } from './revoke.ts';

export interface RevocationPreviewResponse {
  /** The identity, where the request named one. */
  identity?: string | undefined;
  /** Lower-case hexadecimal SHA-256 of the issuer's key, where the request named one. */
  issuerKey?: string | undefined;
  /** Unexpired ones that are not revoked yet, as far as they are on record. */
  certificates: number;
  /** To which they belong. */
  identities: number;
  /** Endpoints that follow the feed, or hold a lease, with one of them. */
  endpoints: number;
}

const count = z.int().min(0);

export const previewRevocation: Operation<RevokeRequest, RevocationPreviewResponse> = {
  method: 'POST',
  path: '/v1/revocations/previews',
  summary: 'Say what a revocation would cut; nothing is revoked',
  request: revokeRequest,
  response: z.object({
    identity: z.string().optional(),
    issuerKey: z.string().optional(),
    certificates: count,
    identities: count,
    endpoints: count,
  }),
};
