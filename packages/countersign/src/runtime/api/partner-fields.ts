/** The fields of operations on partners. What they mean, `identity/partners` reads; here they have their sizes. */
import { z } from 'zod';

import {
  type PartnerLimits,
  partnerNameForm,
  type PartnerState,
  partnerStates,
} from '../../identity/partners/index.ts';
import { rfc3339Text } from './fields.ts';

export const partnerName: z.ZodType<string> = z
  .string()
  .regex(partnerNameForm, 'up to 63 of a-z, 0-9 and "-", beginning and ending with a letter or a digit');

const count = z.int().min(1).max(1_000_000_000);

export const partnerLimits: z.ZodType<PartnerLimits> = z.strictObject({
  requestsPerSecond: z.number().positive().max(1_000_000_000).optional(),
  burst: count.optional(),
  requestsPerDay: count.optional(),
  connections: count.optional(),
});

export const partnerRoutes: z.ZodType<string[] | '*'> = z.union([
  z.literal('*'),
  z.array(z.string().min(1).max(128)).max(1000),
]);

export const partnerContacts: z.ZodType<string[]> = z.array(z.string().min(1).max(300)).max(20);

/** Why a partner is suspended: a ticket, a sentence. */
export const suspensionReason: z.ZodType<string> = z
  .string()
  .max(300)
  .regex(/^[^\p{Cc}]+$/u, 'one line');

export interface ListedPartner {
  name: string;
  state: PartnerState;
  /** Of the suspension. */
  reason?: string | undefined;
  /** The identity that its certificates have. */
  spiffeId: string;
  routes: string[] | '*';
  limits: PartnerLimits;
  contacts: string[];
  invitedAt: string;
  /** Since when it is in this state. */
  changedAt: string;
  /** How many certificates are valid now, and how many are held. */
  valid: number;
  held: number;
  /** When the last of them ends. */
  notAfter?: string | undefined;
}

export const listedPartner: z.ZodType<ListedPartner> = z.object({
  name: partnerName,
  state: z.enum(partnerStates),
  reason: z.string().optional(),
  spiffeId: z.string(),
  routes: partnerRoutes,
  limits: z.object({
    requestsPerSecond: z.number().optional(),
    burst: z.number().optional(),
    requestsPerDay: z.number().optional(),
    connections: z.number().optional(),
  }),
  contacts: z.array(z.string()),
  invitedAt: rfc3339Text,
  changedAt: rfc3339Text,
  valid: z.int().min(0),
  held: z.int().min(0),
  notAfter: rfc3339Text.optional(),
});
