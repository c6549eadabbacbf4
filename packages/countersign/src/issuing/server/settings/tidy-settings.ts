/** The section `tidy`: for how many days what is kept after its last use. */
import { z } from 'zod';

export interface TidySettings {
  /** Certificates, after they expired; never less than they can be renewed after that. */
  readonly certificateDays?: number | undefined;
  /** Revocations, after their certificate expired. */
  readonly revocationDays?: number | undefined;
  /** Tokens, after they expired. */
  readonly tokenDays?: number | undefined;
}

/** Ten years: as long as a root. */
const days = z.int().min(1).max(3650).optional();

export const tidySettings: z.ZodType<TidySettings> = z.strictObject({
  certificateDays: days,
  revocationDays: days,
  tokenDays: days,
});
