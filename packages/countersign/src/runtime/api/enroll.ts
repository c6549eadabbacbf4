/** `POST /v1/enroll`, for the holder of a token: a first certificate. The same token with the same key gets the same certificate again. */
import { z } from 'zod';

import { pemText } from './fields.ts';
import { issuedCredential, type IssuedCredential } from './issued-credential.ts';
import type { Operation } from './operation.ts';

export interface EnrollRequest {
  /** The token's whole text. */
  token: string;
  /** A certification request (RFC 2986) in PEM for the token's names. */
  request: string;
}

export const enrollOperation: Operation<EnrollRequest, IssuedCredential> = {
  method: 'POST',
  path: '/v1/enroll',
  summary:
    'A first certificate for the holder of a token; the same token with the same key gets the same certificate again',
  request: z.strictObject({ token: z.string().min(1).max(32_768), request: pemText }),
  response: issuedCredential,
};
