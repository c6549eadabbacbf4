/** `GET /v1/status`, on the local socket: which authority this is. */
import { z } from 'zod';

import { authorityUrl, sha256Text } from './fields.ts';
import { empty, type Empty, type Operation } from './operation.ts';

export interface AuthorityStatus {
  url: string;
  /** SHA-256 of the root's DER, hexadecimal. */
  root: string;
  trustDomain: string;
  pid: number;
}

export const authorityStatus: Operation<Empty, AuthorityStatus> = {
  method: 'GET',
  path: '/v1/status',
  request: empty,
  response: z.object({ url: authorityUrl, root: sha256Text, trustDomain: z.string(), pid: z.int().min(1) }),
};
