/** The section `partners`: whether and where it is told that a partner's certificate ends soon. */
import { z } from 'zod';

import { durationText } from '../../../runtime/config/index.ts';

export interface PartnersSection {
  readonly notices?:
    | {
        /** How long before the end: `30d`, `7d`. */
        readonly before: readonly string[];
        readonly webhook?: { readonly url: string; readonly secretFile: string } | undefined;
      }
    | undefined;
}

export const partnersSection: z.ZodType<PartnersSection> = z.strictObject({
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
