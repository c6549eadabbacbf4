/** `POST /v1/administrators`: a token with which a person whom the settings name as administrator enrols, or the proposal of one. */
import { z } from 'zod';

import { administratorName } from './administrator-id.ts';
import type { Operation } from './operation.ts';
import { type Proposal, proposalShape } from './proposal.ts';
import { type Role, roleList } from './role.ts';

export interface AddAdministratorRequest {
  /** Of `administrators.certificates` in the settings. */
  name: string;
  /** What the settings must give this name, no more and no less; absent: whatever they give. */
  roles?: Role[] | undefined;
  /** How long the token can be used. */
  lifeSeconds: number;
}

/** One of the two. */
export interface AddAdministratorResponse {
  token?: string | undefined;
  /** Where a second person must agree: the token is the outcome of the last approval. */
  proposal?: Proposal | undefined;
}

export const addAdministrator: Operation<AddAdministratorRequest, AddAdministratorResponse> = {
  method: 'POST',
  path: '/v1/administrators',
  summary: "Make a one-time token for an administrator's certificate",
  request: z.strictObject({ name: administratorName, roles: roleList.optional(), lifeSeconds: z.int().min(1) }),
  response: z.object({ token: z.string().min(1).max(32_768).optional(), proposal: proposalShape.optional() }),
};
