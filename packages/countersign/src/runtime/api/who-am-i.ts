/** `GET /v1/whoami`, over mutual TLS: as whom the authority sees the caller. */
import { z } from 'zod';

import { rfc3339Text, serialText } from './fields.ts';
import { empty, type Empty, type Operation } from './operation.ts';

export interface WhoAmI {
  spiffeId?: string | undefined;
  names: string[];
  serial: string;
  notAfter: string;
}

export const whoAmI: Operation<Empty, WhoAmI> = {
  method: 'GET',
  path: '/v1/whoami',
  summary: 'As whom the authority sees the caller',
  request: empty,
  response: z.object({
    spiffeId: z.string().optional(),
    names: z.array(z.string()),
    serial: serialText,
    notAfter: rfc3339Text,
  }),
};
