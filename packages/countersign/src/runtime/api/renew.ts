/** `POST /v1/renew`, over mutual TLS: the caller's own certificate again, for the key of the request. */
import { z } from 'zod';

import { pemText } from './fields.ts';
import { issuedCredential, type IssuedCredential } from './issued-credential.ts';
import type { Operation } from './operation.ts';

export interface RenewRequest {
  /** A certification request in PEM: the same key renews, another one rekeys. */
  request: string;
}

export const renewOperation: Operation<RenewRequest, IssuedCredential> = {
  method: 'POST',
  path: '/v1/renew',
  summary: "The caller's own certificate again, for the key of the request",
  request: z.strictObject({ request: pemText }),
  response: issuedCredential,
};
