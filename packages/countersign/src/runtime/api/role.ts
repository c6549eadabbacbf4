/** What an administrator may do. No role implies another: who shall do two things is given two roles, and a list says so. */
import { z } from 'zod';

/**
 * `auditor` sees: certificates, status, the audit log, profiles. `operator` makes tokens, revokes, backs up. `issuer` decides what may be issued:
 * profiles, issuers, the passphrase. `root` decides who decides: administrators, the root's ceremony, the erasing of audit history.
 */
export const roles = ['auditor', 'operator', 'issuer', 'root'] as const;

export type Role = (typeof roles)[number];

/** A list of roles, each once. */
export const roleList: z.ZodType<Role[]> = z
  .array(z.enum(roles))
  .min(1)
  .max(roles.length)
  .refine((list) => new Set(list).size === list.length, 'each role once');
