/**
 * `POST /v1/partners/followers`: a gateway says which partners it has in force, and is answered when they are others, or after a while. So each
 * question is the acknowledgement of the answer before it.
 */
import { z } from 'zod';

import type { PartnerLimits, PartnerState } from '../../identity/partners/index.ts';
import { endpointId, sha256Text } from './fields.ts';
import type { Operation } from './operation.ts';
import { partnerLimits, partnerName, partnerRoutes } from './partner-fields.ts';

export interface FollowPartnersRequest {
  /** The gateway's name for itself, the same after a restart. */
  gateway: string;
  /** The version that is in force there; without it none. */
  have?: string | undefined;
  /** What it closed since it asked last, because of partners who are suspended now. */
  closed?: { connections: number; requests: number } | undefined;
  /** It serves nobody any more, and is not waited for. */
  leaving?: boolean | undefined;
}

/** What a gateway needs of a partner, and no more: no contacts, no reasons. */
export interface FollowedPartner {
  name: string;
  state: PartnerState;
  routes: string[] | '*';
  limits: PartnerLimits;
}

export interface FollowPartnersResponse {
  /** SHA-256 of what they say. */
  version: string;
  /** All of them; absent where the gateway has this version. */
  partners?: FollowedPartner[] | undefined;
}

const count = z.int().min(0).max(10_000_000);

/** 64 MiB: some 50,000 partners with a thousand routes of a few characters each, or far more with less. Ours to choose. */
export const largestPartnersBytes: number = 64 * 1024 * 1024;

/** How long an authority leaves the question open at most. Own choice: below what middle boxes take for silence. */
export const longestFollowMs = 20_000;

export const followedPartners: z.ZodType<FollowedPartner[]> = z.array(
  z.object({ name: partnerName, state: z.enum(['active', 'suspended']), routes: partnerRoutes, limits: partnerLimits }),
);

export const followPartners: Operation<FollowPartnersRequest, FollowPartnersResponse> = {
  method: 'POST',
  path: '/v1/partners/followers',
  summary: 'Follow the partners as a gateway: answered when they are others than those it has, or after 20 s',
  request: z.strictObject({
    gateway: endpointId,
    have: sha256Text.optional(),
    closed: z.strictObject({ connections: count, requests: count }).optional(),
    leaving: z.boolean().optional(),
  }),
  response: z.object({ version: sha256Text, partners: followedPartners.optional() }),
  responseBytes: largestPartnersBytes,
};
