/** `GET /v1/partners`: who is registered, a page at a time, in the order of their names. */
import { z } from 'zod';

import type { Operation } from './operation.ts';
import { type ListedPartner, listedPartner, partnerName } from './partner-fields.ts';

export interface ListPartnersRequest {
  /** Only this one; refused where there is none. */
  name?: string | undefined;
  /** `next` of the page before. */
  after?: string | undefined;
}

export interface ListPartnersResponse {
  partners: ListedPartner[];
  /** There are more: give it as `after`. */
  next?: string | undefined;
}

export const listPartners: Operation<ListPartnersRequest, ListPartnersResponse> = {
  method: 'GET',
  path: '/v1/partners',
  summary: 'The partners with their states and certificates, a page at a time',
  request: z
    .strictObject({ name: partnerName.optional(), after: partnerName.optional() })
    .refine((query) => query.name === undefined || query.after === undefined, 'name or after'),
  response: z.object({ partners: z.array(listedPartner).max(1000), next: z.string().optional() }),
};
