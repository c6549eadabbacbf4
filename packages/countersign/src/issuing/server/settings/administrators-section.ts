/** The section `administrators`: who besides the owner may do what, and when two persons must agree. */
import { isAbsolute } from 'node:path';

import { z } from 'zod';

import { administratorName, type Role, roleList } from '../../../runtime/api/index.ts';

export interface AdministratorsSection {
  /**
   * How many different persons must agree to a new issuer, wider profiles, more for an administrator, erased history.
   * Absent: two as soon as two persons hold the role that it needs, one until then.
   */
  readonly persons?: 1 | 2 | undefined;
  /** Users of this machine, by name or number, on the socket below. */
  readonly users?: Readonly<Record<string, readonly Role[]>> | undefined;
  /** Administrators over HTTPS, by the NAME in their SPIFFE ID. */
  readonly certificates?: Readonly<Record<string, readonly Role[]>> | undefined;
  /** Where those users reach the authority; follows the settings. */
  readonly socket?: { readonly path: string; readonly group: string } | undefined;
}

/** As shadow-utils allows names, or a number. */
const userName = z.string().regex(/^(?:[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?|\d{1,10})$/, 'the name or number of a user');

export const administratorsSection: z.ZodType<AdministratorsSection> = z
  .strictObject({
    persons: z.union([z.literal(1), z.literal(2)], '1 or 2').optional(),
    users: z.record(userName, roleList).optional(),
    certificates: z.record(administratorName, roleList).optional(),
    socket: z
      .strictObject({
        path: z.string().max(1024).refine(isAbsolute, 'an absolute path'),
        group: z.union([userName, z.int().min(0).transform(String)], 'the name or number of a group'),
      })
      .optional(),
  })
  .refine(
    ({ users, socket }) => users === undefined || Object.keys(users).length === 0 || socket !== undefined,
    'users need administrators.socket: the one in the state directory is for the owner alone',
  );
