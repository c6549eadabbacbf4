/** `GET /v1/certificates`: what was issued, a page at a time. */
import { z } from 'zod';

import { rfc3339Text, serialText, subjectName } from './fields.ts';
import type { Operation } from './operation.ts';

export interface ListCertificatesRequest {
  /** Only this one. */
  serial?: string | undefined;
  /** Only those that carry this name. */
  name?: string | undefined;
  /** `next` of the page before. */
  after?: string | undefined;
  /** Most entries of a page; default 100, at most 1000. */
  limit?: number | undefined;
}

export interface ListedCertificate {
  serial: string;
  names: string[];
  notBefore: string;
  notAfter: string;
  status: 'valid' | 'held' | 'revoked' | 'expired';
  issuedAt: string;
}

export interface ListCertificatesResponse {
  certificates: ListedCertificate[];
  /** There are more: give it as `after`. */
  next?: string | undefined;
}

const listed = z.object({
  serial: serialText,
  names: z.array(z.string()),
  notBefore: rfc3339Text,
  notAfter: rfc3339Text,
  status: z.enum(['valid', 'held', 'revoked', 'expired']),
  issuedAt: rfc3339Text,
});

export const listCertificates: Operation<ListCertificatesRequest, ListCertificatesResponse> = {
  method: 'GET',
  path: '/v1/certificates',
  summary: 'What was issued, a page at a time, in the order of issuing',
  // A query holds text only.
  request: z
    .strictObject({
      serial: serialText.optional(),
      name: subjectName.optional(),
      after: z.string().max(200).optional(),
      limit: z.coerce.number().int().min(1).max(1000).optional(),
    })
    .refine((query) => query.serial === undefined || query.name === undefined, 'serial or name'),
  response: z.object({ certificates: z.array(listed).max(1000), next: z.string().optional() }),
};
