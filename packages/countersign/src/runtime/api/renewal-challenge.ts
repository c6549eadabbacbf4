/** `POST /v1/renewal-challenges`, for anybody: random bytes, good for some minutes, for a renewal after expiry. The proof binds one request and one key, so a challenge need not be used up. */
import { z } from 'zod';

import { empty, type Empty, type Operation } from './operation.ts';

export interface RenewalChallenge {
  /** base64url of 32 bytes. */
  challenge: string;
}

/** base64url of exactly 32 bytes. */
export const challengeText: z.ZodType<string> = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'base64url of 32 bytes');

export const renewalChallenge: Operation<Empty, RenewalChallenge> = {
  method: 'POST',
  path: '/v1/renewal-challenges',
  summary: 'A challenge for a renewal after expiry, good for some minutes',
  request: empty,
  response: z.object({ challenge: challengeText }),
};
