/**
 * Class F, tokens at a resource: a token with another's certificate, with none, as a token of another identity that was bound to the thief's own certificate,
 * and as one that is bound to nothing.
 * Stands for: RFC 8705, 1 (a token that leaks from a log); kube-rbac-proxy#354, go-oidc#450 (resources that do not look at `cnf`).
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { fetch } from 'undici';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import { thumbprint } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import {
  connectWithoutCredential,
  createDispatcher,
  createServer,
  type Credential,
  fixedSource,
  type RequestHandler,
  type ServerOptions,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import { tokenHandler } from '../../packages/countersign/src/surfaces/integrations/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import {
  createTokenCheck,
  fixedKeys,
  signedTokens,
} from '../../packages/countersign/src/traffic/token-sources/index.ts';
import { trustIn } from './endpoints.ts';

const authority = new TestAuthority();
const [victim, thief] = [authority.issue('victim'), authority.issue('thief')];
const issuer = 'https://issuer.test';
const audience = 'https://orders.test';
const keys = await generateKeyPair('ES256', { extractable: true });
const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'a' };

function tokenOf(name: string, bound: Credential | undefined): Promise<string> {
  const id = `spiffe://test.internal/${name}`;
  const cnf = bound === undefined ? {} : { cnf: { 'x5t#S256': thumbprint(bound.chain[0] ?? new Uint8Array()) } };
  return new SignJWT({ client_id: id, ...cnf })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'a' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(id)
    .setIssuedAt()
    .setExpirationTime('5 minutes')
    .sign(keys.privateKey);
}

const source = signedTokens(fixedKeys({ keys: [jwk] }));
const check = createTokenCheck({ issuer, audience, clock: systemClock, source });

const checked: RequestHandler = tokenHandler(check, (_request, response: Parameters<RequestHandler>[1], token) => {
  response.end(`as ${String(token.subject)}`);
});

/** As resources that rely on the signature alone. */
const believing: RequestHandler = ({ headers: { authorization = '' } }, response) => {
  jwtVerify(authorization.slice('Bearer '.length), keys.publicKey, { issuer, audience }).then(
    ({ payload }) => response.end(`as ${String(payload.sub)}`),
    () => response.writeHead(401).end(),
  );
};

async function serving(t: TestContext, handler: RequestHandler, more: Partial<ServerOptions> = {}): Promise<number> {
  const server = createServer(
    allowAnyPeer(),
    { trust: trustIn(authority), credentials: fixedSource(authority.issue('orders')), clock: systemClock, ...more },
    handler,
  );
  t.after(() => server.close({ graceMs: 0 }));
  return (await server.listen({ host: '127.0.0.1', port: 0 })).port;
}

/** What the handler said, or the status and code. */
async function call(t: TestContext, port: number, credential: Credential, token: string): Promise<string> {
  const dispatcher = createDispatcher(allowAnyPeer(), {
    trust: trustIn(authority),
    credentials: fixedSource(credential),
    clock: systemClock,
  });
  t.after(() => dispatcher.destroy());
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`https://127.0.0.1:${port}/`, { dispatcher, headers });
  const text = await response.text();
  return response.ok ? text : `${response.status} ${/CS-[A-Z]+-\d{3}/.exec(text)?.[0] ?? ''}`;
}

const victims = 'as spiffe://test.internal/victim';

const stolen: readonly (readonly [string, () => Promise<string>, string])[] = [
  ["the victim's token", () => tokenOf('victim', victim), '401 CS-BEARER-013'],
  ["the victim's name, bound to the thief", () => tokenOf('victim', thief), '401 CS-BEARER-015'],
  ["the victim's, bound to nothing", () => tokenOf('victim', undefined), '401 CS-BEARER-014'],
];

for (const [what, make, expected] of stolen) {
  test(`${what} gets a thief with a certificate of its own nowhere`, async (t) => {
    const token = await make();
    assert.equal(await call(t, await serving(t, believing), thief, token), victims, 'where the hole is');
    const port = await serving(t, checked);
    if (what === "the victim's token") assert.equal(await call(t, port, victim, token), victims);
    assert.equal(await call(t, port, thief, token), expected);
  });
}

test("the victim's token gets a thief without a certificate nowhere, where certificates are optional", async (t) => {
  const token = await tokenOf('victim', victim);
  const knock = async (port: number): Promise<string> => {
    const { socket } = await connectWithoutCredential(allowAnyPeer(), {
      trust: trustIn(authority),
      clock: systemClock,
      serverAuthenticationOnly: true,
      host: '127.0.0.1',
      port,
    });
    const answered = new Promise<string>((resolve) => {
      let seen = '';
      socket.on('data', (bytes: Buffer) => (seen += bytes.toString('latin1')));
      socket.on('error', () => undefined);
      socket.once('close', () => resolve(seen));
    });
    socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`);
    return answered;
  };
  const optional = { clientCertificate: 'optional' } as const;
  assert.match(await knock(await serving(t, believing, optional)), /^HTTP\/1\.1 200 [^]*as spiffe:.*victim/);
  const refused = await knock(await serving(t, checked, optional));
  assert.match(refused, /^HTTP\/1\.1 401 /);
  assert.match(refused, /www-authenticate: Bearer error="invalid_token", error_description="CS-BEARER-013 /i);
});

test('a renewed certificate needs a new token', async (t) => {
  const port = await serving(t, checked);
  const token = await tokenOf('victim', victim);
  assert.equal(await call(t, port, victim, token), victims);
  const renewed = authority.issue('victim');
  assert.equal(await call(t, port, renewed, token), '401 CS-BEARER-013');
  assert.equal(await call(t, port, renewed, await tokenOf('victim', renewed)), victims);
});
