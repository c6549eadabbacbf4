/** `GET /v1/audit`, `POST /v1/audit/exports` and `POST /v1/audit/erasures`: the audit log read, taken out, and personal values in it erased. */
import { z } from 'zod';

import type { AuditLine } from '../audit/index.ts';
import { sha256Text } from './fields.ts';
import { listRoots, type RootsResponse } from './list-roots.ts';
import type { Operation } from './operation.ts';
import { type Proposal, proposalShape } from './proposal.ts';

export interface ReadAuditRequest {
  /** The number from which on; default 1. */
  from?: number | undefined;
  /** Most entries of an answer; default 100, at most 500. */
  limit?: number | undefined;
}

export interface ReadAuditResponse {
  /** Whose log it is, and by what those who remember its heads are verified. */
  authority: RootsResponse;
  entries: AuditLine[];
  /** The log's head; number 0 where nothing was written yet. */
  head: { sequence: number; hash: string; at: number };
  /** The highest number that was ever given. */
  counted: number;
}

/** An entry has about 1 KB; one that tells of many serial numbers more, some 40 octets each. Ours to choose. */
const responseBytes = 64 * 1024 * 1024;

const count = z.int().min(0);

const fact = z.union([z.string(), z.int(), z.boolean(), z.array(z.string())]);

const personalField = z.object({
  hash: sha256Text,
  salt: z
    .string()
    .regex(/^[0-9a-f]*$/, 'hexadecimal')
    .optional(),
  value: z.string().optional(),
});

/** Also a line of an export. Nothing is left out, since all of it is hashed. */
export const auditLine: z.ZodType<AuditLine> = z.strictObject({
  sequence: z.int().min(1),
  previous: sha256Text,
  at: count,
  action: z.string().min(1).max(64),
  facts: z.record(z.string(), fact),
  personal: z.record(z.string(), personalField),
  hash: sha256Text,
});

export const readAudit: Operation<ReadAuditRequest, ReadAuditResponse> = {
  method: 'GET',
  path: '/v1/audit',
  summary: 'The audit log, a page at a time',
  // A query holds text only.
  request: z.strictObject({
    from: z.coerce.number().int().min(1).optional(),
    limit: z.coerce.number().int().min(1).max(500).optional(),
  }),
  response: z.object({
    authority: listRoots.response,
    entries: z.array(auditLine).max(500),
    head: z.object({ sequence: count, hash: sha256Text, at: count }),
    counted: count,
  }),
  responseBytes,
};

export interface RecordAuditExportRequest {
  format: 'json' | 'syslog' | 'otlp';
  /** The number from which on. */
  from: number;
}

export interface RecordAuditExportResponse {
  /** The number up to which the log goes without the entry about this export. */
  through: number;
}

export const recordAuditExport: Operation<RecordAuditExportRequest, RecordAuditExportResponse> = {
  method: 'POST',
  path: '/v1/audit/exports',
  summary: 'Say in the audit log that it is being taken out',
  request: z.strictObject({ format: z.enum(['json', 'syslog', 'otlp']), from: z.int().min(1) }),
  response: z.object({ through: count }),
};

/** One of the two. */
export interface EraseAuditRequest {
  actor?: string | undefined;
  name?: string | undefined;
}

/** One of the two. */
export interface EraseAuditResponse {
  /** How many values were erased. */
  fields?: number | undefined;
  /** Where a second person must agree. */
  proposal?: Proposal | undefined;
}

const selector = z.string().min(1).max(2048);

export const eraseAudit: Operation<EraseAuditRequest, EraseAuditResponse> = {
  method: 'POST',
  path: '/v1/audit/erasures',
  summary: 'Erase what the audit log says of a person',
  request: z
    .strictObject({ actor: selector.optional(), name: selector.optional() })
    .refine(({ actor, name }) => (actor === undefined) !== (name === undefined), 'one of actor and name'),
  response: z.object({ fields: count.optional(), proposal: proposalShape.optional() }),
};
