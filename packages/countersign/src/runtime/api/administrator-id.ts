/** As whom an administrator presents himself over HTTPS: a SPIFFE ID under the authority's own path, which no service is given. */
import { z } from 'zod';

import { reservedPath } from './authority-id.ts';

const folder = `${reservedPath}administrator/`;

/** One path segment in lower case, so that two names that a person takes for the same are the same. */
const form = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/;

export const administratorName: z.ZodType<string> = z
  .string()
  .regex(form, 'up to 63 of a-z, 0-9, ".", "_", "-", beginning and ending with a letter or a digit');

export function administratorId(trustDomain: string, name: string): string {
  return `spiffe://${trustDomain}${folder}${name}`;
}

/** The NAME in an administrator's SPIFFE ID of this trust domain; `undefined` for every other ID. */
export function administratorNameOf(spiffeId: string | undefined, trustDomain: string): string | undefined {
  const start = `spiffe://${trustDomain}${folder}`;
  if (spiffeId?.startsWith(start) !== true) return undefined;
  const name = spiffeId.slice(start.length);
  return form.test(name) ? name : undefined;
}
