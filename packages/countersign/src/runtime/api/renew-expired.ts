/** `POST /v1/renew-expired`, server-authenticated: a renewal proved by the old key, since TLS takes no expired certificate. */
import { z } from 'zod';

import { pemText } from './fields.ts';
import { issuedCredential, type IssuedCredential } from './issued-credential.ts';
import type { Operation } from './operation.ts';
import { challengeText } from './renewal-challenge.ts';

export interface RenewExpiredRequest {
  /** The expired certificate in PEM, alone or with its chain. */
  certificate: string;
  request: string;
  challenge: string;
  /** base64url, by the expired certificate's key over `renewalProof`. */
  signature: string;
}

export const renewExpiredOperation: Operation<RenewExpiredRequest, IssuedCredential> = {
  method: 'POST',
  path: '/v1/renew-expired',
  summary: 'A renewal proved by the old key over a challenge, for who has expired',
  request: z.strictObject({
    certificate: pemText,
    request: pemText,
    challenge: challengeText,
    // Of Ed25519 64 octets, of ML-DSA-87 4627 (FIPS 204).
    signature: z.string().regex(/^[A-Za-z0-9_-]{80,6200}$/, 'base64url of a signature'),
  }),
  response: issuedCredential,
};
