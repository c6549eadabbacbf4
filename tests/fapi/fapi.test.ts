/** Clauses of FAPI 2.0 that no other test shows, over real connections. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { connect } from 'node:tls';
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { request } from 'undici';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { isRefusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import type { JsonObject } from '../../packages/countersign/src/identity/bound-tokens/index.ts';
import { thumbprint } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { createDispatcher, type Credential, fixedSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestPeers } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { tokenHandler } from '../../packages/countersign/src/surfaces/integrations/index.ts';
import { createServer } from '../../packages/countersign/src/runtime/tls/index.ts';
import {
  createTokenCheck,
  fixedKeys,
  signedTokens,
} from '../../packages/countersign/src/traffic/token-sources/index.ts';
import { orders, quiet, startIssuer, startResource } from '../tokens/token-house.ts';

interface Answered {
  readonly status: number;
  readonly body: JsonObject;
}

async function ask(
  t: TestContext,
  peers: TestPeers,
  credential: Credential,
  [address, form, headers = {}]: readonly [string, Record<string, string>?, Record<string, string>?],
): Promise<Answered> {
  const own = { trust: peers.trust, credentials: fixedSource(credential), clock: systemClock, ...quiet };
  const dispatcher = createDispatcher(allowAnyPeer(), own);
  t.after(() => dispatcher.destroy());
  const { statusCode, body } = await request(address, {
    dispatcher,
    headers: { ...headers, ...(form && { 'content-type': 'application/x-www-form-urlencoded' }) },
    ...(form && { method: 'POST', body: new URLSearchParams(form).toString() }),
  });
  const text = await body.text();
  return { status: statusCode, body: text.startsWith('{') ? (JSON.parse(text) as JsonObject) : {} };
}

const web = { grant_type: 'client_credentials', client_id: 'spiffe://test.internal/web' };

test('TLS 1.3 and nothing below, unless it is asked for', async (t) => {
  const peers = new TestPeers();
  const { port } = await startIssuer(t, peers);
  const versionWith = (version: 'TLSv1.2' | 'TLSv1.3'): Promise<string> =>
    new Promise((resolve) => {
      const versions = { minVersion: version, maxVersion: version } as const;
      const socket = connect({ host: '127.0.0.1', port, ...versions, rejectUnauthorized: false });
      socket.on('secureConnect', () => {
        resolve(socket.getProtocol() ?? 'none');
        socket.destroy();
      });
      socket.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    });
  assert.equal(await versionWith('TLSv1.3'), 'TLSv1.3');
  assert.match(await versionWith('TLSv1.2'), /PROTOCOL_VERSION/);
});

test('a client assertion is refused, whatever it says', async (t) => {
  const peers = new TestPeers();
  const { address } = await startIssuer(t, peers);
  const assertion = {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: 'x',
  };
  const answer = await ask(t, peers, peers.authority.issue('web'), [`${address}/token`, { ...web, ...assertion }]);
  assert.deepEqual([answer.status, answer.body['error']], [401, 'invalid_client']);
});

test('there are no refresh tokens to rotate', async (t) => {
  const peers = new TestPeers();
  const { address } = await startIssuer(t, peers);
  const credential = peers.authority.issue('web');
  const { body } = await ask(t, peers, credential, [`${address}/token`, web]);
  assert.ok(!('refresh_token' in body) && 'access_token' in body);
  const refresh = { ...web, grant_type: 'refresh_token', refresh_token: 'x' };
  assert.equal(
    (await ask(t, peers, credential, [`${address}/token`, refresh])).body['error'],
    'unsupported_grant_type',
  );
});

test('tokens are signed by ES256 or Ed25519', async (t) => {
  const peers = new TestPeers();
  const { address } = await startIssuer(t, peers);
  const { body } = await ask(t, peers, peers.authority.issue('web'), [`${address}/token`, web]);
  const { alg, typ } = decodeProtectedHeader(String(body['access_token']));
  assert.deepEqual([alg, typ], ['ES256', 'at+jwt']);
  const set = (await ask(t, peers, peers.authority.issue('web'), [`${address}/jwks`])).body['keys'] as JsonObject[];
  assert.ok(set.length === 2 && set.every((jwk) => jwk['alg'] === 'ES256' && !('d' in jwk)));
  assert.equal(new Set(set.map((jwk) => jwk['kid'])).size, set.length);
});

test('the name of a token is 128 bits of chance', async (t) => {
  const peers = new TestPeers();
  const { address } = await startIssuer(t, peers);
  const credential = peers.authority.issue('web');
  const names = new Set<string>();
  for (let count = 0; count < 4; count += 1) {
    const { body } = await ask(t, peers, credential, [`${address}/token`, web]);
    names.add(String(decodeJwt(String(body['access_token'])).jti));
  }
  assert.equal(names.size, 4);
  for (const name of names) assert.equal(Buffer.from(name, 'base64url').length, 16);
});

test('a token ends with its certificate at the resource, at the issuer, and by itself', async (t) => {
  const peers = new TestPeers();
  const issuer = await startIssuer(t, peers);
  const resource = await startResource(t, peers, issuer, (_request, response) => response.end('{"served":true}'));
  const credential = peers.authority.issue('web');
  const asker = peers.authority.issue('orders');
  const { body } = await ask(t, peers, credential, [`${issuer.address}/token`, web]);
  const token = String(body['access_token']);
  const bearer = { authorization: `Bearer ${token}` };
  const active = async (): Promise<unknown> =>
    (await ask(t, peers, asker, [`${issuer.address}/introspect`, { token }])).body['active'];
  assert.deepEqual((await ask(t, peers, credential, [resource, undefined, bearer])).body, { served: true });
  assert.equal(await active(), true);
  peers.revoke(credential);
  await assert.rejects(ask(t, peers, credential, [resource, undefined, bearer]), isRefusal);
  assert.equal((await ask(t, peers, peers.authority.issue('web'), [resource, undefined, bearer])).status, 401);
  assert.equal(await active(), false);
});

test('a token from 9 s ahead is taken, one from more than 60 s ahead never', async (t) => {
  const peers = new TestPeers();
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const issuer = 'https://issuer.test';
  const source = signedTokens(fixedKeys({ keys: [await exportJWK(publicKey)] }));
  const check = createTokenCheck({ issuer, audience: orders, clock: systemClock, source, clockToleranceMs: 60_000 });
  const byDefault = createTokenCheck({ issuer, audience: orders, clock: systemClock, source });
  const credential = peers.authority.issue('web');
  const statusOf = async (aheadMs: number, by: typeof check): Promise<number> => {
    const server = createServer(
      allowAnyPeer(),
      { ...peers.own('orders'), ...quiet },
      tokenHandler(by, (_asked, response) => response.end()),
    );
    t.after(() => server.close({ graceMs: 0 }));
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const token = await new SignJWT({ cnf: { 'x5t#S256': thumbprint(credential.chain[0] ?? new Uint8Array()) } })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt' })
      .setIssuer(issuer)
      .setAudience(orders)
      .setSubject('spiffe://test.internal/web')
      .setIssuedAt(new Date(Date.now() + aheadMs))
      .setExpirationTime(new Date(Date.now() + 600_000))
      .sign(privateKey);
    const bearer = { authorization: `Bearer ${token}` };
    return (await ask(t, peers, credential, [`https://127.0.0.1:${port}/`, undefined, bearer])).status;
  };
  assert.equal(await statusOf(9000, byDefault), 200);
  assert.equal(await statusOf(120_000, check), 401);
  assert.throws(
    () => createTokenCheck({ issuer, audience: orders, clock: systemClock, source, clockToleranceMs: 60_001 }),
    TypeError,
  );
});
