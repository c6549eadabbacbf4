/** `POST /v1/issuers`: the certificate of the next issuer, whose key waits where the authority is; taken in, or the proposal of it. */
import { z } from 'zod';

import { pemText } from './fields.ts';
import type { Operation } from './operation.ts';
import { type Proposal, proposalShape } from './proposal.ts';

export interface ReplaceIssuerRequest {
  /** PEM, in any order: the issuer's own, those between it and the root, and others, which are left out. */
  certificates: string;
  /** The root, PEM, where the caller knows it: refused unless it is the authority's. */
  anchor?: string | undefined;
}

export interface ReplaceIssuerResponse {
  trustDomain: string;
  /** PEM: the issuer's own certificate, then its issuer's, up to the root, which is not among them. */
  chain: string;
  /** PEM. */
  anchor: string;
  /** What a person should know; none of it stands in the way. */
  warnings: string[];
  /** Where a second person must agree; absent: it is taken in. Either way the authority uses it from its next start on. */
  proposal?: Proposal | undefined;
}

export const replaceIssuer: Operation<ReplaceIssuerRequest, ReplaceIssuerResponse> = {
  method: 'POST',
  path: '/v1/issuers',
  summary: 'Take in the certificate of the next issuer, or propose it; it is used from the next start on',
  request: z.strictObject({ certificates: pemText, anchor: pemText.optional() }),
  response: z.object({
    trustDomain: z.string(),
    chain: pemText,
    anchor: pemText,
    warnings: z.array(z.string()),
    proposal: proposalShape.optional(),
  }),
};
