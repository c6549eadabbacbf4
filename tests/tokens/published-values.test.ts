/**
 * Values of certificate-bound tokens that others have published: RFC 8705, Appendix A, whose certificate and thumbprint node-oidc-provider's own tests
 * have, too (`test/jwks/client.crt`). Keycloak publishes none: its tests compute theirs from a keystore as they run (`HoKTest`, `MutualTLSUtils`).
 */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { parsePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { isRefusal } from '../../packages/countersign/src/ground/errors/index.ts';
import {
  type BoundPeer,
  checkBoundToken,
  parseStrictObject,
  readClaims,
  readJwtClaims,
} from '../../packages/countersign/src/identity/bound-tokens/index.ts';
import { readTokenClient } from '../../packages/countersign/src/issuing/token-issuer/index.ts';
import { jwkThumbprint, thumbprint } from '../../packages/countersign/src/runtime/cryptography/index.ts';

/** Figure 6. */
const certificate = `-----BEGIN CERTIFICATE-----
MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAx
ODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqG
SM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ
/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwID
SQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOV
bUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=
-----END CERTIFICATE-----
`;
/** Figure 5. */
const confirmation = '{"cnf":{"x5t#S256":"A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0"}}';

const der = parsePem(certificate)[0]?.bytes ?? assert.fail();
const { cnf } = parseStrictObject(new TextEncoder().encode(confirmation)) ?? assert.fail();

test('RFC 8705, Appendix A: the thumbprint of the certificate is that of the confirmation', () => {
  assert.deepEqual(cnf, { 'x5t#S256': thumbprint(der) });
});

/** Figure 7, without `x5c`. */
const jwk = {
  kty: 'EC',
  crv: 'P-256',
  x: '1yfLHCpXqFjxCeHHHMVDTcLscpb07KUxudBmOMn8C7Q',
  y: '8_coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8',
};

test('RFC 8705, Appendix A: a client may register the key of its JWK, and not the certificate, which is of version 1', () => {
  assert.deepEqual(new X509Certificate(certificate).publicKey.export({ format: 'jwk' }), jwk);
  const registering = (key: object): ReturnType<typeof readTokenClient> =>
    readTokenClient({
      client_id: 'mtls',
      token_endpoint_auth_method: 'self_signed_tls_client_auth',
      resources: ['https://api.example.com'],
      jwks: { keys: [key] },
    });
  const { authentication } = registering(jwk);
  assert.ok(authentication.method === 'self_signed_tls_client_auth');
  assert.deepEqual([...authentication.certificates.keys], [jwkThumbprint(jwk)]);
  const x5c = [Buffer.from(der).toString('base64')];
  assert.throws(
    () => registering({ ...jwk, x5c }),
    (error: unknown) => hasCode('CS-OAUTH-001')(error) && error instanceof Error && hasCode('CS-X509-001')(error.cause),
  );
});

const peer: BoundPeer = {
  name: 'CN=mtls',
  spiffeId: undefined,
  dnsNames: [],
  ipAddresses: [],
  uris: ['urn:client:mtls'],
  spkiPin: '00',
  thumbprint: thumbprint(der),
};
/** The claims of figure 2, with an audience and a client, which a token must have here (RFC 9068, 2.2). */
const claims = {
  iss: 'https://server.example.com',
  sub: 'ty.webb@example.com',
  exp: 1_493_726_400,
  nbf: 1_493_722_800,
  aud: 'https://api.example.com',
  client_id: 'urn:client:mtls',
};

test('RFC 8705, 3.1: a token with that confirmation is for a connection with that certificate alone', () => {
  const rules = { issuer: claims.iss, audience: claims.aud };
  const ask = (by: BoundPeer): void =>
    checkBoundToken({
      claims: readJwtClaims({ ...claims, cnf: cnf ?? null }),
      peer: by,
      rules,
      route: {},
      now: 1_493_723_000_000,
    });
  ask(peer);
  assert.throws(() => ask({ ...peer, thumbprint: thumbprint(new Uint8Array(1)) }), hasCode('CS-BEARER-013'));
});

const hasCode = (code: string) => (error: unknown) => isRefusal(error) && error.code === code;

test('RFC 8705, 3.1 and 3.2: the value of the illustrations is not the base64url of any hash, and is refused by name', () => {
  // Figures 2 and 3: of its last character, `2`, two bits are set that SHA-256 does not fill (RFC 4648, 3.5).
  const illustrated = { ...claims, cnf: { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' } };
  assert.throws(() => readJwtClaims(illustrated), hasCode('CS-BEARER-005'));
  assert.throws(() => readClaims({ ...illustrated, active: true }), hasCode('CS-BEARER-005'));
});
