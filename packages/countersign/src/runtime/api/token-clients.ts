/** Clients of the token issuer: `GET /v1/token-clients`, and how one is registered and removed. */
import { z } from 'zod';

import { rfc3339Text } from './fields.ts';
import type { Operation } from './operation.ts';
import { type Proposal, proposalShape } from './proposal.ts';

/** What a client of the settings, or of an administrator, is described by (RFC 7591); the token issuer reads what it means. */
export type ClientMetadata = Readonly<Record<string, unknown>>;

export interface ListedTokenClient {
  clientId: string;
  /** Where it is registered. */
  from: 'settings' | 'administrator';
  /** Of an administrator's. */
  since?: string | undefined;
  registration: ClientMetadata;
}

export interface ListTokenClientsRequest {
  /** `next` of the page before. */
  after?: string | undefined;
}

export interface ListTokenClientsResponse {
  clients: ListedTokenClient[];
  /** There are more: give it as `after`. */
  next?: string | undefined;
}

export interface AddTokenClientRequest {
  registration: ClientMetadata;
}

export interface AddTokenClientResponse {
  clientId: string;
  /** Whose tokens it gets; missing where the settings ask for no token issuer. */
  issuer?: string | undefined;
  /** Where two persons are the rule: it waits for another one. */
  proposal?: Proposal | undefined;
}

export interface RemoveTokenClientRequest {
  clientId: string;
}

export interface RemoveTokenClientResponse {
  clientId: string;
}

/** VSCHAR (RFC 6749, A.1). */
const clientId: z.ZodType<string> = z.string().regex(/^[\x20-\x7e]{1,255}$/, 'up to 255 printable ASCII characters');
const metadata: z.ZodType<ClientMetadata> = z.record(z.string(), z.unknown());

export const listTokenClients: Operation<ListTokenClientsRequest, ListTokenClientsResponse> = {
  method: 'GET',
  path: '/v1/token-clients',
  summary: 'The clients of the token issuer, of the settings and of administrators, a page at a time',
  request: z.strictObject({ after: clientId.optional() }),
  response: z.object({
    clients: z
      .array(
        z.object({
          clientId,
          from: z.enum(['settings', 'administrator']),
          since: rfc3339Text.optional(),
          registration: metadata,
        }),
      )
      .max(1000),
    next: z.string().optional(),
  }),
  // One client of the settings can name 256 resources of 2,048 characters.
  responseBytes: 4_194_304,
};

export const addTokenClient: Operation<AddTokenClientRequest, AddTokenClientResponse> = {
  method: 'POST',
  path: '/v1/token-clients',
  summary: 'Register a client of the token issuer',
  request: z.strictObject({ registration: metadata }),
  response: z.object({ clientId, issuer: z.string().optional(), proposal: proposalShape.optional() }),
};

export const removeTokenClient: Operation<RemoveTokenClientRequest, RemoveTokenClientResponse> = {
  method: 'POST',
  path: '/v1/token-clients/removals',
  summary: 'Remove a client of the token issuer that an administrator registered; its tokens end',
  request: z.strictObject({ clientId }),
  response: z.object({ clientId }),
};
