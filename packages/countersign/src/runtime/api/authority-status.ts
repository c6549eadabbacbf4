/** `GET /v1/status`: which authority this is, and how many persons its named operations take. */
import { z } from 'zod';

import { authorityUrl, sha256Text } from './fields.ts';
import { empty, type Empty, type Operation } from './operation.ts';

export interface AuthorityStatus {
  url: string;
  /** SHA-256 of the root's DER, hexadecimal. */
  root: string;
  trustDomain: string;
  pid: number;
  /** How many different persons must agree to what needs these roles: a new issuer, wider profiles; other administrators, erased history. */
  persons: { issuer: number; root: number };
}

export const authorityStatus: Operation<Empty, AuthorityStatus> = {
  method: 'GET',
  path: '/v1/status',
  summary: 'Which authority this is, and which rules are in force',
  request: empty,
  response: z.object({
    url: authorityUrl,
    root: sha256Text,
    trustDomain: z.string(),
    pid: z.int().min(1),
    persons: z.object({ issuer: z.int().min(1), root: z.int().min(1) }),
  }),
};
