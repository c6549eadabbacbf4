/** The section `partners`: whether and where it is told that a partner's certificate ends soon. */
import { z } from 'zod';

import { isRefusal } from '../../../ground/errors/index.ts';
import { spiffeIdPattern } from '../../../identity/authorization/index.ts';
import { durationText } from '../../../runtime/config/index.ts';

export interface PartnersSection {
  /** SPIFFE IDs, or patterns of them, of the gateways that may follow the partners; default none. */
  readonly gateways?: readonly string[] | undefined;
  readonly notices?:
    | {
        /** How long before the end: `30d`, `7d`. */
        readonly before: readonly string[];
        readonly webhook?: { readonly url: string; readonly secretFile: string } | undefined;
      }
    | undefined;
}

function isCaller(written: string): boolean {
  try {
    spiffeIdPattern(written);
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

export const partnersSection: z.ZodType<PartnersSection> = z.strictObject({
  gateways: z
    .array(
      z.string().min(1).max(2048).refine(isCaller, 'a SPIFFE ID, or a pattern of whole segments (* and a last **)'),
    )
    .max(1000)
    .optional(),
  notices: z
    .strictObject({
      before: z.array(durationText).min(1).max(10),
      webhook: z
        .strictObject({
          url: z.url({ protocol: /^https$/ }).max(2000),
          /** Its first line is the key of the signature; mode 0600. */
          secretFile: z.string().min(1).max(4096),
        })
        .optional(),
    })
    .optional(),
});
