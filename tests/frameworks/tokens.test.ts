/** Express, Fastify, Hono and Node's own handlers with certificate-bound tokens: real calls over mutual TLS, and the answers of RFC 6750. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import Fastify, { type FastifyRequest } from 'fastify';
import { Hono } from 'hono';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { fetch } from 'undici';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import type { TokenClaims } from '../../packages/countersign/src/identity/bound-tokens/index.ts';
import { thumbprint } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import {
  createDispatcher,
  createHttp2Server,
  type Credential,
  fixedSource,
  type RequestHandler,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import {
  expressToken,
  fastifyRequireToken,
  honoToken,
  tokenHandler,
  type TokenVariables,
} from '../../packages/countersign/src/surfaces/integrations/index.ts';
import {
  createTokenCheck,
  fixedKeys,
  signedTokens,
} from '../../packages/countersign/src/traffic/token-sources/index.ts';
import { authority, callers, serverOptions, serving, trustOf } from './house.ts';

const issuer = 'https://issuer.test';
const audience = 'https://orders.test';
const keys = await generateKeyPair('ES256', { extractable: true });
const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'a' };
const check = createTokenCheck({
  issuer,
  audience,
  clock: systemClock,
  source: signedTokens(fixedKeys({ keys: [jwk] })),
});

const web = authority.issue('web');
const admin = authority.issue('admin');

function tokenFor({ chain }: Credential, name: string): Promise<string> {
  const id = `spiffe://test.internal/${name}`;
  return new SignJWT({
    client_id: id,
    scope: 'read',
    cnf: { 'x5t#S256': thumbprint(chain[0] ?? new Uint8Array()) },
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'a' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(id)
    .setIssuedAt()
    .setExpirationTime('5 minutes')
    .sign(keys.privateKey);
}

const clientOf = ({ clientId = 'nobody' }: TokenClaims): string => clientId;

/** `/` answers with the client of the token; `/write` needs a scope that no token has. */
const frameworks: Readonly<Record<string, () => RequestHandler | Promise<RequestHandler>>> = {
  Express: () => {
    const app = express();
    app.use(expressToken(check));
    app.get('/', ({ token }, response) => void response.send(clientOf(token)));
    app.get('/write', expressToken(check, { scopes: ['write'] }), (_request, response) => void response.send('never'));
    return app;
  },
  Fastify: async () => {
    const app = Fastify();
    app.addHook('onRequest', fastifyRequireToken(check));
    const tokenOf = (request: FastifyRequest): TokenClaims => (request as unknown as { token: TokenClaims }).token;
    app.get('/', (request) => clientOf(tokenOf(request)));
    app.get('/write', { onRequest: fastifyRequireToken(check, { scopes: ['write'] }) }, () => 'never');
    await app.ready();
    return (request, response) => app.routing(request, response);
  },
  Hono: () => {
    const app = new Hono<{ Variables: TokenVariables }>();
    app.use(honoToken(check));
    app.get('/', (c) => c.text(clientOf(c.var.token)));
    app.get('/write', honoToken(check, { scopes: ['write'] }), (c) => c.text('never'));
    const listener = getRequestListener(app.fetch);
    return (request, response) => void listener(request, response);
  },
  'a handler of Node': () => {
    const read = tokenHandler(check, (_request, response: Parameters<RequestHandler>[1], token) => {
      response.end(clientOf(token));
    });
    const write = tokenHandler(check, (_request, response: Parameters<RequestHandler>[1]) => response.end('never'), {
      scopes: ['write'],
    });
    return (request, response) => (request.url === '/write' ? write : read)(request, response);
  },
};

interface Answered {
  readonly status: number;
  readonly challenge: string | null;
  readonly text: string;
}

function caller(t: TestContext, port: number, credential: Credential): Call {
  const dispatcher = createDispatcher(allowAnyPeer(), {
    trust: trustOf(),
    credentials: fixedSource(credential),
    clock: systemClock,
  });
  t.after(() => dispatcher.destroy());
  return async (path, authorization) => {
    const headers = authorization === undefined ? {} : { authorization };
    const response = await fetch(`https://127.0.0.1:${port}${path}`, { dispatcher, headers });
    return {
      status: response.status,
      challenge: response.headers.get('www-authenticate'),
      text: await response.text(),
    };
  };
}

type Call = (path: string, authorization?: string) => Promise<Answered>;

async function held(t: TestContext, port: number): Promise<void> {
  const [asWeb, asAdmin] = [caller(t, port, web), caller(t, port, admin)];
  const own = `Bearer ${await tokenFor(web, 'web')}`;
  assert.deepEqual(await asWeb('/', own), { status: 200, challenge: null, text: 'spiffe://test.internal/web' });
  const stolen = await asAdmin('/', own);
  assert.equal(stolen.status, 401);
  assert.match(stolen.challenge ?? '', /^Bearer error="invalid_token", error_description="CS-BEARER-013 /);
  assert.deepEqual(JSON.parse(stolen.text), {
    type: 'urn:countersign:refusal:CS-BEARER-013',
    title: 'token bound to another certificate',
    status: 401,
    code: 'CS-BEARER-013',
    evidence: {},
  });
  const without = await asWeb('/');
  assert.deepEqual([without.status, without.challenge], [401, 'Bearer']);
  const foreign = await asWeb('/', `Bearer ${await tokenFor(web, 'admin')}`);
  assert.equal((JSON.parse(foreign.text) as { code: string }).code, 'CS-BEARER-015');
  const twice = await asWeb('/?access_token=x', own);
  assert.equal(twice.status, 400);
  assert.match(twice.challenge ?? '', /^Bearer error="invalid_request"/);
  const narrow = await asWeb('/write', own);
  assert.equal(narrow.status, 403);
  assert.match(narrow.challenge ?? '', /^Bearer error="insufficient_scope", .*, scope="write"$/);
}

for (const [name, handler] of Object.entries(frameworks)) {
  test(`${name}: a token is its owner's alone, and each refusal has its answer`, async (t) => {
    await held(t, await serving(t, await handler()));
  });
}

test("over HTTP/2 a handler of Node's finds the token, too", async (t) => {
  const read = tokenHandler(check, (_request, response, token) => void response.end(clientOf(token)));
  const write = tokenHandler(check, (_request, response) => void response.end('never'), { scopes: ['write'] });
  const server = createHttp2Server(callers, serverOptions(), (request, response) =>
    (request.url === '/write' ? write : read)(request, response),
  );
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  await held(t, port);
});

test('a route without a check, or with a misspelled word, is refused when it is made', () => {
  // @ts-expect-error -- the check must be given
  assert.throws(() => expressToken(), TypeError);
  // @ts-expect-error -- the same
  assert.throws(() => honoToken({}), TypeError);
  // @ts-expect-error -- 'allow' is the one word
  assert.throws(() => fastifyRequireToken(check, { unboundTokens: true }), TypeError);
  assert.throws(() => tokenHandler(check, () => undefined, { scopes: ['a b'] }), TypeError);
});
