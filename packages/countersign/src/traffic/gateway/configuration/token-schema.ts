/** What a configuration may say of access tokens: who issues them, and what a route asks of them. */
import { z } from 'zod';
import { jwsAlgorithms } from '../../../identity/bound-tokens/index.ts';
import { issuerAddress } from '../../token-sources/index.ts';
import type { RouteTokenSettings, TokenIssuerSettings } from './gateway-file.ts';
import { isAddress } from './is-address.ts';

const name = z.string().min(1).max(63);
/** RFC 6749, 3.3. */
const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'one scope (RFC 6749, 3.3)');
const text = z.string().min(1).max(2048);

const address = text.refine(isIssuerAddress, 'https, or http to this machine itself, without user and fragment');

function isIssuerAddress(written: string): boolean {
  try {
    issuerAddress(written);
    return true;
  } catch {
    return false;
  }
}

export const tokenIssuer: z.ZodType<TokenIssuerSettings> = z.strictObject({
  issuer: text.describe('iss, octet for octet'),
  audience: z
    .union([text.transform((one) => [one]), z.array(text).min(1)])
    .describe('what this gateway is called in aud; one of them must be there'),
  jwks: text
    .refine((written) => !isAddress(written) || isIssuerAddress(written), 'a file, or an https address')
    .optional()
    .describe('a file of public keys (RFC 7517), or their address'),
  introspection: z
    .strictObject({
      url: address,
      rememberMs: z
        .int()
        .min(0)
        .max(300_000)
        .default(30_000)
        .describe('so long a revoked token may still be accepted; 0 asks each time'),
    })
    .optional()
    .describe('instead of jwks, for opaque tokens (RFC 7662)'),
  credential: name.optional().describe('what the gateway shows at that address: one of credentials'),
  trust: text
    .optional()
    .describe('the trust domain of whoever answers there; without it the authorities that Node trusts'),
  server: text
    .optional()
    .describe('a SPIFFE ID, or a pattern, of whoever answers there; without it the DNS name in the address'),
  algorithms: z
    .array(z.enum(jwsAlgorithms))
    .min(1)
    .optional()
    .describe('that this issuer uses; default all but HMAC, none and PKCS #1 v1.5'),
  clients: z
    .record(text, text)
    .default({})
    .describe(
      'client_id to the partner, SPIFFE ID or pattern whose certificate it uses, where it is not itself a name in it',
    ),
  clockToleranceMs: z.int().min(0).max(60_000).default(10_000).describe('by which iat and nbf may lie ahead'),
});

export const routeToken: z.ZodType<RouteTokenSettings> = z.strictObject({
  source: name.describe('one of tokens'),
  scopes: z.array(scope).default([]).describe('all of them are needed'),
  unbound: z
    .literal('allowed')
    .optional()
    .describe(
      'tokens that are bound to no certificate count, too: whoever steals one and has a certificate can use it',
    ),
  forward: z.boolean().default(false).describe('whether the Authorization header goes on to the upstream'),
  observe: z
    .boolean()
    .default(false)
    .describe(
      'requests whose token is missing or does not fit are let through, logged and counted; never without a good certificate',
    ),
  endsAnswers: z
    .boolean()
    .default(false)
    .describe(
      'answers that last (server-sent events, streams, downloads) are cut off when the token ends, as WebSockets are in any case',
    ),
});
