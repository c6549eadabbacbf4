/** What waits for a second person, as the API shows it, and the three operations on it. For whoever holds a role: which one each needs stands in it. */
import { z } from 'zod';

import { rfc3339Text, sha256Text } from './fields.ts';
import { empty, type Empty, type Operation } from './operation.ts';
import { type Role, roles } from './role.ts';

/**
 * `open`: more persons must agree. `executing`: enough have, and it was begun; after a crash the outcome is not known, and it is not begun again.
 * `superseded`: the settings were changed again before anybody agreed.
 */
export const proposalStates = ['open', 'executing', 'executed', 'failed', 'rejected', 'expired', 'superseded'] as const;

export type ProposalState = (typeof proposalStates)[number];

export interface ProposedBy {
  /** The person: a local user or an administrator's SPIFFE ID. */
  name: string;
  at: string;
}

export interface Proposal {
  id: string;
  operation: string;
  /** What will happen, a line each. */
  what: string[];
  /** SHA-256 of the exact content; an approval names it, so that nothing but what was shown is agreed to. */
  contentSha256: string;
  /** Who agrees must hold all of these roles. */
  roles: Role[];
  state: ProposalState;
  /** How many different persons must agree; who proposed has. */
  needed: number;
  agreed: ProposedBy[];
  proposedAt: string;
  expiresAt: string;
}

export const proposalShape: z.ZodType<Proposal> = z.object({
  id: z.string(),
  operation: z.string(),
  what: z.array(z.string()),
  contentSha256: sha256Text,
  roles: z.array(z.enum(roles)),
  state: z.enum(proposalStates),
  needed: z.int().min(1),
  agreed: z.array(z.object({ name: z.string(), at: rfc3339Text })),
  proposedAt: rfc3339Text,
  expiresAt: rfc3339Text,
});

/** base64url of 9 random bytes. */
export const proposalId: z.ZodType<string> = z.string().regex(/^[A-Za-z0-9_-]{12}$/, 'the identifier of a proposal');

export interface ListProposalsResponse {
  proposals: Proposal[];
}

export const listProposals: Operation<Empty, ListProposalsResponse> = {
  method: 'GET',
  path: '/v1/proposals',
  summary: 'What waits for a second person, and what was decided within the last 30 days',
  request: empty,
  response: z.object({ proposals: z.array(proposalShape) }),
};

export interface ApproveProposalRequest {
  id: string;
  /** As it was shown. */
  contentSha256: string;
}

export interface ApproveProposalResponse {
  proposal: Proposal;
  /** What came of it, where this was the last person needed. */
  outcome?: Record<string, string> | undefined;
}

export const approveProposal: Operation<ApproveProposalRequest, ApproveProposalResponse> = {
  method: 'POST',
  path: '/v1/proposals/approvals',
  summary: 'Agree to a proposal, exactly as it was shown; the last person needed carries it out',
  request: z.strictObject({ id: proposalId, contentSha256: sha256Text }),
  response: z.object({ proposal: proposalShape, outcome: z.record(z.string(), z.string()).optional() }),
};

export interface RejectProposalRequest {
  id: string;
}

export interface RejectProposalResponse {
  proposal: Proposal;
}

export const rejectProposal: Operation<RejectProposalRequest, RejectProposalResponse> = {
  method: 'POST',
  path: '/v1/proposals/rejections',
  summary: 'End a proposal; one person is enough',
  request: z.strictObject({ id: proposalId }),
  response: z.object({ proposal: proposalShape }),
};
